"""Made-up callers: what they mean to answer, as the keys they press. For tests and for simulations."""

from collections.abc import Callable, Mapping
from typing import Any

from ivr import engine
from ivr.call import Record, Turn
from ivr.speaker import Speaker
from ivr.steps import Step
from ivr.steps.callback import Callback
from ivr.steps.consent import Consent
from ivr.steps.digits import DATE_DIGITS
from ivr.steps.digits import Digits as DigitsStep
from ivr.steps.language import Language
from ivr.steps.multi import Multi
from ivr.steps.question import Question
from ivr.survey.domains import Codes, CodeSets, Numbers
from ivr.survey.scripted import NUMBER, Exchanged, connected, heard_as
from ivr.survey.shapes import Survey

NO_ANSWER = object()
SOME_DATE = {"year": "2026", "month": "01", "day": "31"}

Intent = Callable[[Step], Any]
"""What a caller means to answer at a step: a value, None for anything, NO_ANSWER for none."""


def converse(survey: Survey, context: Mapping[str, str], intent: Intent) -> tuple[Exchanged, ...]:
    """A whole call of a caller who answers as intended; it always ends, for the engine ends it at the latest."""
    begun = engine.begin(survey, context, seed=0, number=NUMBER)
    exchanges = [Exchanged("", begun)]
    while exchanges[-1].turn.state.step is not None:
        for _, heard in connected(exchanges):
            exchanges.append(Exchanged("", engine.resume(survey, exchanges[-1].turn.state, heard)))
        turn = exchanges[-1].turn
        if turn.state.step is None:
            break
        word = reply(survey, turn, intent)
        for heard in heard_as(word, survey, turn):
            exchanges.append(Exchanged(word, engine.resume(survey, exchanges[-1].turn.state, heard)))
    return tuple(exchanges)


def reply(survey: Survey, turn: Turn, intent: Intent) -> str:
    """The caller's answer to what was asked, as a word of a script."""
    state = turn.state
    step = survey.step(state.step or "")
    if isinstance(turn.directives[-1], Record):
        return "silence" if intent(step) is NO_ANSWER else "record 12s"
    match step, state.phase:
        case _, "confirm" | "review":
            return "press 1"
        case Callback(), "number":
            return "silence"  # the number the call came from
        case Callback(times=times), "time":
            return f"press {times[0].key}"
        case Consent(keys=keys), _:
            return f"press {next(key for key, meaning in keys.items() if meaning == 'continue')}"
        case Language() as language, _:
            return f"press {next(iter(language.by_key(survey.languages)))}"
        case Question() as question, _:
            return _answer(question, intent(question), Speaker(survey, state))
    return "silence"


def _answer(step: Question, value: Any, speaker: Speaker) -> str:
    if value is NO_ANSWER:
        excuse = step.dont_know or step.not_applicable
        return f"press {excuse}" if excuse else "silence"
    return f"press {keys_of(step, anything(step) if value is None else value, speaker)}"


def keys_of(step: Question, value: Any, speaker: Speaker) -> str:
    """The keys that give this answer."""
    match step:
        case Multi():
            return "".join(step.keys_for(code, speaker) or "" for code in value) + "#"
        case DigitsStep():
            return _digits(step, str(value))
        case _ if isinstance(value, str):
            return step.keys_for(value, speaker) or ""
        case _:
            return str(value)


def _digits(step: DigitsStep, value: str) -> str:
    """Its digits where it can be keyed in, else some that can."""
    digits = value.replace("-", "") if step.holds == "date" else value
    if digits.isdecimal() and (step.holds == "code" or len(digits) == DATE_DIGITS):
        written = {"year": digits[:4], "month": digits[4:6], "day": digits[6:]}
    else:
        digits, written = "1234567890"[: step.length.most], SOME_DATE
    return "".join(written[part] for part in step.order.split()) if step.holds == "date" else digits


def anything(step: Question) -> Any:
    """Some answer that the step takes."""
    match step.answers():
        case Numbers(low, high):
            return (low + high + 1) // 2
        case Codes(codes):
            return codes[0]
        case CodeSets(codes, at_least):
            return codes[: max(1, at_least)]
    return ""
