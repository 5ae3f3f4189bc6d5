"""Advice: what callers stumble over, though it works. Warnings do not stop publishing."""

import re
from collections.abc import Iterator

from ivr.steps.asking import Asking
from ivr.steps.choice import Choice
from ivr.steps.multi import Multi
from ivr.steps.number import Number
from ivr.steps.question import Question
from ivr.steps.scale import ScaleQuestion
from ivr.steps.set import Set
from ivr.steps.voice import Voice
from ivr.steps.yes_no import YesNo
from ivr.survey.check.conditions import written
from ivr.survey.check.limits import prompt_length
from ivr.survey.check.prompts import prompts
from ivr.survey.check.subject import Located, Subject
from ivr.survey.coverage import branches, covered
from ivr.survey.diagnostics import Diagnostic
from ivr.survey.expressions import ExpressionError, read_condition
from ivr.survey.parts import Tries
from ivr.survey.scripted import play
from ivr.survey.strict_yaml import Path
from ivr.survey.tree import Answered, Comparison, Node, Not, nodes
from ivr.survey.wording import duration

MANY_OPTIONS = 5
LONG_PROMPT_S = 12.0
# "press 1 for billing": whoever hears that has forgotten the key when the label comes.
KEY_FIRST = {
    "en": re.compile(r"\bpress (?:the )?(?:\d|star|pound|one|two|three|four|five) (?:for|if|to)\b", re.I),
    "es": re.compile(r"\b(?:marque|pulse|oprima|presione) (?:el )?(?:\d|numeral|asterisco) (?:para|si)\b", re.I),
}
AND = {"en": re.compile(r"\w\s+and\b", re.I), "es": re.compile(r"\w\s+(?:y|e)\b", re.I)}
OF_ASKING = ("wait", "tries", "on_silence", "on_wrong_key", "on_too_few", "on_too_many", "on_low_confidence")
OF_QUESTIONS = ("confirm_if", "input", "synonyms")
SENTENCE = re.compile(r"[^.!?]*[.!?]?")


def advise(subject: Subject, *, sound: bool) -> Iterator[Diagnostic]:
    """Each piece of advice on a survey; that on whole calls only where it is `sound`, without error."""
    for located in subject.steps:
        yield from _ways_out(subject, located)
        yield from _options(subject, located)
        yield from _wording(subject, located)
        yield from _length(subject, located)
        yield from _idle(subject, located)
    yield from _tries(subject)
    yield from _directions(subject)
    yield from _stale(subject)
    yield from _unknown(subject)
    if sound:
        yield from _late(subject)
        yield from _untested(subject)
    if not subject.survey.alerts and ("alerts",) not in subject.document.keys:
        yield subject.wrong_key("W009", ("steps",), "nobody is told of an unhappy caller", "add a rule under alerts")


def _ways_out(subject: Subject, located: Located) -> Iterator[Diagnostic]:
    step = located.step
    has_one = any((*located.path, key) in subject.document.keys for key in ("dont_know", "not_applicable"))
    if isinstance(step, Choice | Multi | YesNo | Number) and not has_one:
        message = f'"{step.id}" has no way to say "I don\'t know"'
        yield subject.wrong("W001", (*located.path, "id"), message, "add dont_know with a key of its own")


def _options(subject: Subject, located: Located) -> Iterator[Diagnostic]:
    options = located.step.options if isinstance(located.step, Choice | Multi) else ()
    if len(options) > MANY_OPTIONS:
        message = f"{len(options)} options are more than callers keep in mind"
        repair = f"offer {MANY_OPTIONS} at most, the last one for all others"
        yield subject.wrong_key("W003", (*located.path, "options"), message, repair)


def _wording(subject: Subject, located: Located) -> Iterator[Diagnostic]:
    for path, prompt in prompts(located.step, located.path):
        for language, said in prompt.items():
            kin = language.split("-")[0]
            first = KEY_FIRST[kin].search(said.text) if kin in KEY_FIRST else None
            if first:
                message = f'"{first[0]}" names the key before what it is for'
                yield subject.wrong("W002", (*path, language), message, "say what it is for, then the key")
            if path == (*located.path, "ask") and isinstance(located.step, Question) and _asks_twice(said.text, kin):
                message = "the question may be two in one"
                yield subject.wrong("W005", (*path, language), message, "ask one thing at a time")


def _asks_twice(text: str, language: str) -> bool:
    questions = (sentence for sentence in SENTENCE.findall(text) if sentence.endswith("?"))
    return language in AND and any(AND[language].search(question) for question in questions)


def _length(subject: Subject, located: Located) -> Iterator[Diagnostic]:
    for language in subject.survey.languages:
        length = prompt_length(subject, located, language)
        if length is not None and length > LONG_PROMPT_S:
            field = "ask" if isinstance(located.step, Asking) else "say"
            message = f'the prompt takes {length:.1f} s in "{language}"'
            yield subject.wrong("W006", (*located.path, field, language), message, f"keep it under {LONG_PROMPT_S:g} s")


def _directions(subject: Subject) -> Iterator[Diagnostic]:
    """The same words at the low end of one scale and at the high end of another."""
    lows: dict[str, str] = {}
    highs: dict[str, str] = {}
    for located in subject.steps:
        step = located.step
        if not isinstance(step, ScaleQuestion):
            continue
        low, high = ({said.text.casefold() for said in (end or {}).values()} for end in (step.low, step.high))
        turned = next((name for word, name in (*highs.items(),) if word in low), None)
        turned = turned or next((name for word, name in lows.items() if word in high), None)
        if turned:
            message = f'the scale goes the other way round than that of "{turned}"'
            yield subject.wrong("W004", (*located.path, "id"), message, "keep one direction in a survey")
        lows |= dict.fromkeys(low, step.id)
        highs |= dict.fromkeys(high, step.id)


def _stale(subject: Subject) -> Iterator[Diagnostic]:
    for path, language, old, master in stale(subject):
        message = f'the translation was made from "{_short(old)}", which now is "{_short(master)}"'
        yield subject.wrong("W007", (*path, language), message, "translate it again, and update of:")


def stale(subject: Subject) -> Iterator[tuple[tuple[str | int, ...], str, str, str]]:
    """Translations whose master has changed: path, language, the master they were made from, the master now."""
    master = subject.survey.languages[0]
    for path, prompt in prompts(subject.survey, ()):
        for language, said in prompt.items():
            if said.of is not None and master in prompt and said.of != prompt[master].text:
                yield path, language, said.of, prompt[master].text


def _short(text: str) -> str:
    return text if len(text) <= 60 else text[:59] + "…"


def _unknown(subject: Subject) -> Iterator[Diagnostic]:
    """`not` and `!=` do not hold for callers who gave no answer, which authors tend to forget."""
    for condition in written(subject):
        try:
            tree = read_condition(condition.text, subject.survey.ids).tree
        except ExpressionError:
            continue
        surprising = next((node for node in nodes(tree) if _surprises(node)), None)
        asks = any(isinstance(node, Answered) for node in nodes(tree))
        if surprising is not None and not asks:
            message = f'"{condition.text}" does not hold for callers who gave no answer'
            repair = "say it without not and !=, or add answered(…) if that is meant"
            yield subject.wrong("W010", condition.path, message, repair)


def _surprises(node: Node) -> bool:
    match node:
        case Comparison(_, "!=", _):
            return True
        case Not(operand):
            return not isinstance(operand, Answered)
    return False


def _late(subject: Subject) -> Iterator[Diagnostic]:
    """An alert on a derived value waits for its `set` step, or for the end of the call."""
    for number, rule in enumerate(subject.survey.alerts):
        for name in sorted(subject.survey.condition(rule.when).names):
            between = _asked_meanwhile(subject, subject.by_id[name])
            if between is not None:
                message = f'"{rule.name}" waits until "{name}" is worked out, after "{between}", or the caller hangs up'
                repair = f"move {name} up to before {between}"
                yield subject.wrong("W012", ("alerts", number, "when"), message, repair)


def _asked_meanwhile(subject: Subject, derived: Located) -> str | None:
    """The first step that asks after the last answer that a `set` step looks at, and before that step."""
    if not isinstance(derived.step, Set):
        return None
    named = (subject.by_id[name] for name in subject.survey.condition(derived.step.value).names)
    known = max((_last_of_block(subject, each) for each in named), default=-1)
    between = (each.step for each in subject.steps if known < each.number < derived.number)
    return next((step.id for step in between if isinstance(step, Asking)), None)


def _last_of_block(subject: Subject, located: Located) -> int:
    """When an answer is known for sure: in a block, whose order may vary, after its last step."""
    return subject.by_id[located.block.steps[-1].id].number if located.block else located.number


def _idle(subject: Subject, located: Located) -> Iterator[Diagnostic]:
    """Keys that all steps may have, and that this kind has no use for."""
    step = located.step
    idle = [] if isinstance(step, Question) else OF_QUESTIONS
    for key in (*idle, *([] if isinstance(step, Asking) else OF_ASKING)):
        if (*located.path, key) in subject.document.keys:
            message = f'"{key}" has no effect at a {step.type} step'
            yield subject.wrong_key("W013", (*located.path, key), message, "remove it")
    if isinstance(step, Voice) and step.silence >= step.max:
        message = f"a recording of {duration(step.max)} ends before a silence of {duration(step.silence)}"
        yield subject.wrong("W013", (*located.path, "silence"), message, "write a shorter silence, such as 4s")


def _tries(subject: Subject) -> Iterator[Diagnostic]:
    """A number of tries over that of all kinds together is never come to."""
    tried: list[tuple[Tries, Path]] = [(subject.survey.defaults.tries, ("defaults", "tries"))]
    tried += [(each.step.tries, (*each.path, "tries")) for each in subject.steps if each.step.tries is not None]
    for tries, path in tried:
        for kind in ("silence", "wrong_key", "too_few", "too_many", "low_confidence"):
            if (getattr(tries, kind) or 0) > tries.total:
                message = f"{kind} is never counted to {getattr(tries, kind)}, as tries end at {tries.total} in all"
                yield subject.wrong("W013", (*path, kind), message, "write a higher total, or fewer")


def _untested(subject: Subject) -> Iterator[Diagnostic]:
    survey = subject.survey
    seen = covered(survey, [play(survey, test) for test in survey.tests])
    untested = [branch for branch in branches(survey) if branch not in seen]
    if untested:
        several = f", and {len(untested) - 3} more" if len(untested) > 3 else ""
        told = ", ".join(map(str, untested[:3])) + several
        path = ("tests",) if survey.tests else ("steps",)
        repair = "survey test --generate writes a test for each"
        yield subject.wrong_key("W008", path, f"no test shows that {told}", repair)
