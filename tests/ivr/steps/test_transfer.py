"""To a live person, and back."""

import pytest

from ivr.call import Dial, Transferred
from tests.ivr.line import CSAT, SOLVED, ring


def test_a_transfer_dials_and_comes_back():
    step = "- {id: desk, type: transfer, to: '+12025550100', timeout: 20s, say: 'One moment.'}"
    line = ring(step, SOLVED)
    assert line.turn.directives[-1] == Dial("+12025550100", 20)
    assert line.events == (Transferred("desk"),)
    line.comes_back().hears("Solved?").does_not_hear("nobody is free")


@pytest.mark.parametrize("status", ["busy", "no-answer", "failed", "canceled"])
def test_a_transfer_that_nobody_answers_goes_on(status):
    step = "- {id: desk, type: transfer, to: '+12025550100', after: end}"
    ring(step, SOLVED).comes_back(status).hears("nobody is free right now. Solved?")


def test_a_transfer_may_end_the_survey():
    line = ring(SOLVED, "- {id: desk, type: transfer, to: '+12025550100', after: end}", CSAT).presses("1").comes_back()
    assert line.is_over
    assert line.state.disposition == "partial"
