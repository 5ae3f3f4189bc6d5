"""May we call you back, where and when?"""

from tests.ivr.line import SOLVED, ring


def test_a_callback_asks_for_the_number_only_after_a_yes():
    step = "- {id: call_me, type: callback, number: 'Which number?', ask: 'May we call?'}"
    assert ring(step, SOLVED).presses("2").hears("Solved?").answers == {"call_me": "no"}
    line = ring(step, SOLVED).presses("1").hears("Which number?").presses("2025550123").hears("Solved?")
    assert line.answers == {"call_me": "yes", "call_me.number": "2025550123"}


def test_a_withheld_number_cannot_be_called_back_by_pressing_pound():
    step = "- {id: call_me, type: callback, number: 'Which number?', ask: 'May we call?'}"
    ring(step, SOLVED).presses("1").is_silent().hears("Solved?")
    ring(step, SOLVED, number=None).presses("1").is_silent().hears("Which number?").is_silent().hears("Solved?")
