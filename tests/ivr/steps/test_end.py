"""Endings."""

from ivr.call import CallEnded
from tests.ivr.line import CSAT, SOLVED, ring


def test_an_ending_is_named_when_the_books_close():
    line = ring(SOLVED, "- {id: thanks, type: end, say: 'Thank you. Goodbye.'}", CSAT).presses("1").hears("Thank you.")
    assert line.events[-1] == CallEnded("complete", "survey", "thanks")
    assert line.missing == {"csat": "not_asked"}


def test_the_last_step_is_an_ending_too():
    line = ring(SOLVED).presses("1").hears("Thank you. Goodbye.")
    assert line.events[-1] == CallEnded("complete", "survey", None)
