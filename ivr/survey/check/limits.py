"""Limits that the survey sets itself: how much it may ask, and how long it may take."""

from collections.abc import Iterator

from ivr.steps.asking import Asking
from ivr.survey.check.subject import Located, Subject
from ivr.survey.diagnostics import Diagnostic
from ivr.survey.flow import TooMany
from ivr.survey.lengths import prompt_s
from ivr.survey.parts import Wait
from ivr.survey.paths import Paths
from ivr.survey.strict_yaml import Path
from ivr.survey.wording import duration

LONGEST_WAIT_S = 60
MOST_PROMPT_S = 600.0  # where the survey sets no limit: what the carrier takes in one document has an end


def check_waits(subject: Subject) -> Iterator[Diagnostic]:
    """Waits in which somebody can answer, and that have an end."""
    waits: list[tuple[Wait, Path]] = [(subject.survey.defaults.wait, ("defaults", "wait"))]
    waits += [(each.step.wait, (*each.path, "wait")) for each in subject.steps if each.step.wait is not None]
    for wait, path in waits:
        for field, seconds in (("first_key", wait.first_key), ("between_keys", wait.between_keys)):
            if not 0.5 <= seconds <= LONGEST_WAIT_S:
                usual = duration(getattr(Wait(), field))
                message = f"{field} is 500 ms to {LONGEST_WAIT_S} s"
                yield subject.wrong("E070", (*path, field), message, f"write {field}: {usual}")
    for number, rule in enumerate(subject.survey.alerts):
        if rule.once.per == "caller" and not rule.once.within:
            yield subject.wrong("E070", ("alerts", number, "once"), "no time passes in it", "write per caller in 24h")


def check_prompt_lengths(subject: Subject) -> Iterator[Diagnostic]:
    own = subject.survey.limits.prompt
    limit = MOST_PROMPT_S if own is None else own
    for located in subject.steps:
        for language in subject.survey.languages:
            length = prompt_length(subject, located, language)
            if length is not None and length > limit:
                field = "ask" if isinstance(located.step, Asking) else "say"
                place = (*located.path, field, language)
                yield subject.wrong("E070", place, f"the prompt takes {length:.1f} s", f"keep it under {limit:g} s")


def prompt_length(subject: Subject, located: Located, language: str) -> float | None:
    """The longest that is heard of a step without a pause, in seconds; None where words or its own id are missing."""
    if subject.survey.step(located.step.id) is not located.step:
        return None
    try:
        return prompt_s(subject.survey, located.step, language, subject.sounds)
    except LookupError:
        return None


def check_call_lengths(subject: Subject) -> Iterator[Diagnostic]:
    """The survey must be without error but for this."""
    limits = subject.survey.limits
    if limits.questions is None and limits.typical_call is None and limits.worst_call is None:
        return
    try:
        paths = Paths(subject.survey, subject.sounds)
    except TooMany:
        return
    if limits.questions is not None and paths.most_questions > limits.questions:
        message = f"a caller may be asked {paths.most_questions} questions"
        yield subject.wrong("E070", ("limits", "questions"), message, "ask fewer, or allow more")
    for field, limit, length in (
        ("typical_call", limits.typical_call, paths.typical_s),
        ("worst_call", limits.worst_call, paths.worst_s),
    ):
        language, longest = max(((each, length(each)) for each in subject.survey.languages), key=lambda pair: pair[1])
        if limit is not None and longest > limit:
            message = f'{field.replace("_", " ")}: {longest:.0f} s in "{language}"'
            yield subject.wrong("E070", ("limits", field), message, "say or ask less, or allow more")
