"""Values derived from answers."""

from ivr.call import ValueSet
from tests.ivr.line import CSAT, SOLVED, ring


def test_a_derived_value_decides_what_follows():
    steps = (CSAT, "- {id: sad, type: set, value: csat <= 2}", SOLVED.replace("ask:", "only_if: sad == true, ask:"))
    assert ValueSet("sad", True) in ring(*steps).presses("1").hears("Solved?").events
    assert ring(*steps).presses("5").is_over


def test_an_unknown_derived_value_is_no_answer():
    line = ring(CSAT, "- {id: sad, type: set, value: csat <= 2}", SOLVED).is_silent().is_silent()
    assert ValueSet("sad", None) in line.events
    assert "sad" not in line.state.answers
