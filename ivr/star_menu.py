"""The star menu: what a caller may ask for at any question."""

from collections.abc import Sequence
from dataclasses import dataclass

from ivr.call import CallState, Say, Spoken
from ivr.orders import order_of
from ivr.speaker import Speaker
from ivr.steps import Step
from ivr.steps.question import Question
from ivr.steps.transfer import Transfer
from ivr.steps.voice import Voice
from ivr.survey.parts import StarWord
from ivr.survey.shapes import Survey

MAX_HELP = 5  # repeats and the like at one question, which cost no try
RATES = (1.0, 0.8, 0.65)  # of speech
KEYS = "123456789"


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of the menu; `language` is the one that a `language` entry changes to."""

    word: StarWord
    language: str | None = None


def entries(survey: Survey, state: CallState) -> dict[str, Entry]:
    """The entries that apply now, by their keys, in the order the survey lists them."""
    lines = [entry for word in survey.defaults.star_menu for entry in _lines(survey, state, word)]
    return dict(zip(KEYS, lines, strict=False))


def read_out(speaker: Speaker) -> tuple[Spoken, ...]:
    """The menu in one breath: "To hear it again, press 1. More slowly, 2. Para español, marque 3."."""
    lines = entries(speaker.survey, speaker.state).items()
    return tuple(_line(speaker, entry, key) for key, entry in lines)


def _line(speaker: Speaker, entry: Entry, key: str) -> Say:
    """One entry. A language is offered in a whole sentence of its own: who needs it may understand nothing before."""
    if entry.language:
        return speaker.speaking(entry.language).phrase("star_language", key=key)
    label = speaker.phrase(f"star_{entry.word}").text
    return speaker.phrase("menu_first" if key == KEYS[0] else "menu_next", label=label, key=key)


def slower(rate: float) -> float:
    """The next slower pace."""
    return next((slow for slow in RATES if slow < rate), RATES[-1])


def question_before(survey: Survey, state: CallState) -> Question | None:
    """The question that was asked before the present one; None where there is none."""
    earlier, _ = _around(survey, state)
    asked = (step for step in reversed(earlier) if isinstance(step, Question) and step.id in state.answers)
    return next(asked, None)


def transfer_ahead(survey: Survey, state: CallState) -> Transfer | None:
    """The next transfer of the list, whatever its condition; None where there is none."""
    _, later = _around(survey, state)
    return next((step for step in later if isinstance(step, Transfer)), None)


def _around(survey: Survey, state: CallState) -> tuple[Sequence[Step], Sequence[Step]]:
    """The steps before the present one and those after it, in the order of this call."""
    order = order_of(survey, state)
    steps, here = [survey.step(step) for step in order], order.index(state.step or "")
    return steps[:here], steps[here + 1 :]


def _lines(survey: Survey, state: CallState, word: StarWord) -> list[Entry]:
    """A word of the menu as its lines: none where it cannot apply, one for each other language."""
    if word == "language":
        others = [Entry(word, language) for language in survey.languages if language != state.language]
        return others if state.helped < MAX_HELP else []
    return [Entry(word)] if _applies(survey, state, word) else []


def _applies(survey: Survey, state: CallState, word: StarWord) -> bool:
    may_help = state.helped < MAX_HELP
    at_its_question = state.phase == "ask"
    match word:
        case "repeat":
            return may_help
        case "slower":  # only a voice that is named can slow down
            return may_help and state.rate > RATES[-1] and state.language in survey.voices
        case "back":
            return may_help and at_its_question and question_before(survey, state) is not None
        case "skip":
            return at_its_question and state.step is not None and isinstance(survey.step(state.step), Question | Voice)
        case "agent":
            return transfer_ahead(survey, state) is not None
    return True
