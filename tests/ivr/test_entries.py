"""What a turn becomes in the books."""

from ivr import entries
from tests.ivr.line import ring

CALLBACK = """
- {id: call_me, type: callback, ask: "May we call you? Yes, press 1. No, press 2.", number: "At which number?"}
"""


def test_a_number_that_is_keyed_in_stands_with_the_answers_and_not_in_the_history(now):
    line = ring(CALLBACK).presses("1").hears("At which number?").presses("2025550123")
    entry = entries.beginning("CA1", {}, line.survey, line.turn, "<Response/>", now)
    [answer] = entry.answers
    assert (answer["step"], answer["value"]) == ("call_me.number", "2025550123")
    assert "2025550123" not in repr(entry.events)
    assert [type(event).__name__ for event in entry.events] == ["AnswerGiven", "CallEnded"]
