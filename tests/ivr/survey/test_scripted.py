"""What callers can do in the tests of a survey, and what they are told they cannot."""

import pytest

from ivr.survey.scripted import play
from ivr.survey.shapes import ScriptedCall
from tests.ivr.line import HELLO, SOLVED, VOICE, survey_of


def failures(*words: str) -> tuple[str, ...]:
    survey = survey_of("\n".join([HELLO, VOICE, SOLVED]))
    return play(survey, ScriptedCall(name="tried", do=words)).failures


@pytest.mark.parametrize("ends", ["press #", "press pound", "star skip", "silence", "record 5s"])
def test_a_recording_is_ended_or_skipped_by_a_word(ends: str) -> None:
    assert failures("press 1", ends) == ()


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["press 1", "press 5"], '"press 5": the survey waits for a recording, which # or * ends, at why'),
        (["record 5s"], '"record 5s": the survey waits for keys at hello'),
        (["star back"], '"star back": the star menu does not offer it at hello'),
        (["press 2", "press 1"], '"press 1": the call was over before'),
    ],
)
def test_a_caller_who_cannot_do_that_is_told_what_the_survey_waits_for(words: list[str], told: str) -> None:
    assert failures(*words) == (told,)
