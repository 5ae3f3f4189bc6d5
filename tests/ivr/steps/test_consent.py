"""May we ask?"""

import pytest

from ivr.call import ConsentGiven, ConsentRefused, OptedOut
from tests.ivr.line import HELLO, SOLVED, ring


def test_consent_continues_declines_or_opts_out():
    steps = ("- {id: hello, type: consent, keys: {1: continue, 2: decline, 9: opt_out}, ask: 'May we?'}", SOLVED)
    assert ring(*steps).presses("1").events[0] == ConsentGiven("hello")
    declined = ring(*steps).presses("2").hears("Goodbye")
    assert declined.events[0] == ConsentRefused("hello")
    assert (declined.state.disposition, declined.state.opted_out) == ("refusal", False)
    opted_out = ring(*steps).presses("9")
    assert opted_out.events[:2] == (ConsentRefused("hello"), OptedOut("hello"))
    assert (opted_out.state.disposition, opted_out.state.opted_out) == ("refusal", True)


@pytest.mark.parametrize(("silence_means", "disposition"), [("end", "break_off"), ("decline", "refusal")])
def test_silence_is_never_consent(silence_means, disposition):
    line = ring(f"- {{id: hello, type: consent, silence_means: {silence_means}, ask: 'May we?'}}", SOLVED)
    line.is_silent().hears("May we?").is_silent()
    assert line.is_over
    assert line.state.disposition == disposition
    assert not line.state.consented


def test_consent_is_no_answer():
    line = ring(HELLO, SOLVED).presses("1").hangs_up()
    assert set(line.state.answers) == {"solved"}
