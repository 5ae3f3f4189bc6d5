"""How a question is asked, and how long its keys are awaited."""

import pytest

from ivr.call import Pause, Record
from tests.ivr.line import CSAT, HELLO, SOLVED, ring


@pytest.mark.parametrize(
    ("step", "digits", "finish_on"),
    [
        (SOLVED, 1, ""),
        (CSAT, 1, ""),
        ("- {id: q, type: nps, ask: 'How likely?'}", 2, "#"),
        ("- {id: q, type: rating, scale: 1-10, ask: 'How was it?'}", 2, "#"),
        ("- {id: q, type: rating, scale: 1-5, dont_know: 99, ask: 'How was it?'}", 2, "#"),
        ("- {id: q, type: number, max: 365, ask: 'How many days?'}", 3, "#"),
        ("- {id: q, type: digits, length: 4-6, ask: 'Your number?'}", 6, "#"),
        ("- {id: q, type: digits, holds: date, ask: 'When?'}", 8, "#"),
        ("- {id: q, type: multi, ask: 'Which?', options: [{key: 1, code: a, say: one}]}", None, "#"),
    ],
)
def test_the_number_of_keys_follows_from_the_answers(step, digits, finish_on):
    gather = ring(step).gather
    assert (gather.digits, gather.finish_on) == (digits, finish_on)


def test_a_step_waits_as_it_says_or_as_the_survey_does():
    head = "languages: [en]\ndefaults: {wait: {first_key: 8s, between_keys: 3s}}"
    own = '- {id: q, type: yes_no, wait: {first_key: 1.5s}, ask: "Quick?"}'
    line = ring(SOLVED, own, head=head)
    assert (line.gather.first_key_s, line.gather.between_keys_s) == (8.0, 3.0)
    assert line.presses("1").gather.first_key_s == 1.5


def test_a_pause_stands_before_the_tone_where_the_survey_wants_one():
    line = ring(HELLO, "- {id: why, type: voice, wait: {beep: 2s}, ask: 'Tell us.'}").presses("1")
    assert line.turn.directives[-2:] == (Pause(2), Record(60, 4, "#*"))


def test_a_question_without_barge_in_stands_before_its_keys():
    line = ring('- {id: q, type: yes_no, barge_in: false, ask: "Solved?"}')
    assert (line.heard_before_keys, line.heard_while_keys) == ("Solved?", "")


@pytest.mark.parametrize(
    ("step", "keys"),
    [
        ("type: yes_no, ask: 'Solved?'", "For yes, press 1. For no, press 2."),
        ("type: rating, scale: 1-5, ask: 'How was it?'", "Please press a number from 1 to 5."),
        (
            "type: rating, scale: 1-5, dont_know: 9, ask: 'How was it?'",
            "Please press a number from 1 to 5. If you don't know, press 9.",
        ),
        ("type: number, max: 9, ask: 'How many?'", "Please press a number from 0 to 9."),
        ("type: callback, ask: 'May we call?'", "For yes, press 1. For no, press 2."),
        ("type: choice, ask: 'What?', options: [{key: 1, code: a, say: one}]", "For one, press 1."),
        ("type: consent, ask: 'May we?'", "To go on, press 1. To decline, press 2."),
    ],
)
def test_after_a_legal_prompt_the_keys_are_repeated_shortly(step, keys):
    line = ring(f"- {{id: q, legal: true, {step}}}")
    assert line.heard_while_keys == keys
    assert line.heard_before_keys


def test_a_legal_question_asked_again_is_heard_whole_again():
    line = ring('- {id: q, type: yes_no, legal: true, ask: "Are you of age?"}').presses("7")
    assert line.heard_before_keys == "Sorry, that key isn't one of the choices. Are you of age?"
