"""Names: each id once, and every name of a step leads to one that fits."""

from collections.abc import Iterator

from ivr.steps.question import Question
from ivr.steps.transfer import Transfer
from ivr.steps.voice import Voice
from ivr.survey.check.subject import Located, Subject
from ivr.survey.diagnostics import Diagnostic, did_you_mean
from ivr.survey.domains import Codes, CodeSets, Numbers
from ivr.survey.expressions import WORDS
from ivr.survey.strict_yaml import Path

RESERVED = WORDS | {"low", "high"}


def check_names(subject: Subject) -> Iterator[Diagnostic]:
    yield from _ids(subject)
    yield from _twice(subject)
    for located in subject.steps:
        yield from _jumps(subject, located)
        yield from _transfers(subject, located)
    yield from _references(subject)
    yield from _tests(subject)


def _ids(subject: Subject) -> Iterator[Diagnostic]:
    if subject.survey.id in ("status", "fallback"):
        yield subject.wrong("E021", ("id",), f'"{subject.survey.id}" is taken', "give the survey another id")
    for name in subject.survey.context:
        if name != name.lower():
            message, repair = (
                f'"{name}" never comes with a call: capitals are the carrier\'s own',
                f"write {name.lower()}",
            )
            yield subject.wrong_key("E022", ("context", name), message, repair)
    for located in subject.steps:
        path, step_id = (*located.path, "id"), located.step.id
        first = subject.by_id[step_id]
        if first is not located:
            line = subject.document.at((*first.path, "id")).line
            yield subject.wrong("E020", path, f'"{step_id}" is the id of the step in line {line}', "give it another id")
        if step_id in RESERVED:
            yield subject.wrong("E021", path, f'"{step_id}" is a word of the language', "give the step another id")


def _twice(subject: Subject) -> Iterator[Diagnostic]:
    survey = subject.survey
    alerts, watch, tests = ([each.name for each in group] for group in (survey.alerts, survey.watch, survey.tests))
    for kind, names, others in (("alerts", alerts, []), ("watch", watch, alerts), ("tests", tests, [])):
        for number, name in enumerate(names):
            if name in (*others, *names[:number]):
                message = f'"{name}" stands above already'
                yield subject.wrong("E020", (kind, number, "name"), message, "give it another name")
    named: list[tuple[tuple[str, ...], Path]] = [
        (survey.defaults.star_menu, ("defaults", "star_menu")),
        (survey.partial_after, ("partial_after",)),
    ]
    named += [(rule.attach, ("alerts", number, "attach")) for number, rule in enumerate(survey.alerts)]
    for words, path in named:
        for number, word in enumerate(words):
            if word in words[:number]:
                yield subject.wrong("E020", (*path, number), f'"{word}" is named twice', "keep one of them")


def _jumps(subject: Subject, located: Located) -> Iterator[Diagnostic]:
    for number, jump in enumerate(located.step.jump):
        path = (*located.path, "jump", number, "to")
        target = subject.by_id.get(jump.to)
        if target is None and jump.to not in subject.lost:
            later = [other.step.id for other in subject.steps if other.number > located.number]
            yield subject.wrong("E025", path, f'"{jump.to}" is no step', did_you_mean(jump.to, later))
        elif target is not None and target.number <= located.number:
            yield subject.wrong("E029", path, f'"{jump.to}" comes before this step', "jump to a later step")
        elif target is not None and target.block is not None:
            message = f'"{jump.to}" stands inside the block "{target.block.id}"'
            yield subject.wrong("E029", path, message, f"jump to {target.block.id}, or to a step after it")


def _transfers(subject: Subject, located: Located) -> Iterator[Diagnostic]:
    """`then: transfer` needs a transfer further down."""
    step = located.step
    if subject.survey.then(step) != "transfer" or not isinstance(step, Question | Voice):
        return
    later = (other for other in subject.steps if other.number > located.number)
    if not subject.gaps and not any(isinstance(other.step, Transfer) for other in later):
        path = (*located.path, "then") if step.then else ("defaults", "then")
        yield subject.wrong(
            "E025", path, f'there is no transfer after "{step.id}"', "add a transfer step, or write skip"
        )


def _references(subject: Subject) -> Iterator[Diagnostic]:
    for number, step_id in enumerate(subject.survey.partial_after):
        yield from _step(subject, step_id, ("partial_after", number), Question | Voice, "a question")
    for number, rule in enumerate(subject.survey.alerts):
        for index, step_id in enumerate(rule.attach):
            yield from _step(subject, step_id, ("alerts", number, "attach", index), Voice, "a voice step")


def _step(subject: Subject, step_id: str, path: Path, kind: object, told: str) -> Iterator[Diagnostic]:
    located = subject.by_id.get(step_id)
    if step_id in subject.lost or (located and isinstance(located.step, kind)):  # type: ignore[arg-type]  # a class or a union of them
        return
    fitting = [each.step.id for each in subject.steps if isinstance(each.step, kind)]  # type: ignore[arg-type]
    message = f'"{step_id}" is of type {located.step.type}' if located else f'"{step_id}" is no step'
    yield subject.wrong("E023", path, message, did_you_mean(step_id, fitting, f"name {told}"))


def _tests(subject: Subject) -> Iterator[Diagnostic]:
    alerts = [rule.name for rule in subject.survey.alerts]
    for number, test in enumerate(subject.survey.tests):
        expect = ("tests", number, "expect")
        for kind, named in (("answers", test.expect.answers), ("missing", test.expect.missing)):
            for name in named:
                step_id, _, part = name.partition(".")
                located = subject.by_id.get(step_id)
                asks = located and isinstance(located.step, Question) and (not part or part in located.step.parts())
                if step_id not in subject.lost and not asks:
                    known = [question.id for question in subject.survey.questions()]
                    message = f'"{name}" is no question'
                    yield subject.wrong_key("E023", (*expect, kind, name), message, did_you_mean(name, known))
        for name, value in test.expect.answers.items():
            yield from _expected(subject, name, value, (*expect, "answers", name))
        for index, alert in enumerate(test.expect.alerts or ()):
            if alert not in alerts:
                repair = did_you_mean(alert, alerts, "name an alert of this survey")
                yield subject.wrong("E023", (*expect, "alerts", index), f'"{alert}" is no alert', repair)
        if test.language is not None and test.language not in subject.survey.languages:
            repair = did_you_mean(test.language, subject.survey.languages)
            yield subject.wrong("E051", ("tests", number, "language"), f'the survey has no "{test.language}"', repair)


def _expected(subject: Subject, name: str, value: object, path: Path) -> Iterator[Diagnostic]:
    """A test expects an answer that can be given."""
    step_id, _, part = name.partition(".")
    located = subject.by_id.get(step_id)
    if located is None or located.step.sensitive or step_id in subject.lost:
        return
    match located.step.parts().get(part) if part else located.step.answers():
        case Numbers() as numbers if value not in numbers:
            repair = f"expect a number from {numbers.low} to {numbers.high}"
            yield subject.wrong("E028", path, f"{name} is never {value}", repair)
        case Codes(codes) | CodeSets(codes):
            for code in value if isinstance(value, tuple) else (value,):
                if code not in codes:
                    repair = did_you_mean(str(code), codes)
                    yield subject.wrong("E028", path, f"{name} is never {code}", repair)
