"""A call that goes on with one whose caller hung up."""

import msgspec
import pytest

from ivr import engine
from ivr.call import CallEnded, Hangup, QuestionAsked, VerbatimAsked
from tests.ivr.line import CSAT, HELLO, READ_BACK, SOLVED, VOICE, Line, ring

HEAD = "languages: [en, es]"
BOTH = '- {id: solved, type: yes_no, ask: {en: "Solved?", es: "¿Se resolvió?"}}'


def call_again(left: Line, at: str, number: str | None = None, **context: str) -> Line:
    """The caller of a call that is over calls again; the state has been kept as JSON."""
    assert left.is_over
    kept = msgspec.json.decode(msgspec.json.encode(left.state), type=type(left.state))
    again = Line(left.survey)
    again.happened = []
    again._take(engine.go_on_from(left.survey, kept, at, context, number=number))
    return again


def test_the_question_that_was_open_is_asked_again_after_a_word_of_welcome():
    again = call_again(ring(HELLO, CSAT, SOLVED).presses("1", "4").hangs_up(), "solved")
    assert again.heard == "Let's go on where we stopped. Solved? Yes, press 1. No, press 2."
    assert again.state.turn == 1
    assert isinstance(again.events[0], QuestionAsked)


def test_what_was_answered_holds_and_what_was_not_is_open():
    again = call_again(ring(HELLO, CSAT, SOLVED).presses("1", "4").hangs_up(), "solved")
    assert (again.answers, again.missing, again.state.consented) == ({"csat": 4}, {}, True)
    again.presses("1")
    assert again.answers == {"csat": 4, "solved": "yes"}
    assert again.events[-1] == CallEnded("complete", "survey")


def test_an_answer_that_was_being_read_back_was_kept_and_is_not_asked_again():
    again = call_again(ring(READ_BACK, SOLVED).presses("1").hangs_up(), "csat")
    again.hears("Solved?").does_not_hear("How was it")
    assert again.answers == {"csat": 1}


def test_a_message_that_was_kept_is_not_asked_for_again():
    again = call_again(ring(VOICE, SOLVED).speaks(ended_by="hangup"), "why")
    again.hears("Solved?").does_not_hear("Tell us why")


def test_a_message_that_was_not_left_is_asked_for_again():
    again = call_again(ring(SOLVED, VOICE).presses("1").hangs_up(), "why")
    assert again.records
    assert again.events[-1] == VerbatimAsked("why")


def test_a_question_that_was_skipped_stays_skipped():
    left = ring(CSAT, SOLVED, head="languages: [en]\ndefaults: {star_menu: [skip, stop]}")
    again = call_again(left.presses("*", "1").hangs_up(), "solved")
    assert again.missing == {"csat": "refused"}


def test_the_language_holds():
    first = '- {id: liked, type: yes_no, ask: {en: "Did you like it?", es: "¿Le gustó?"}}'
    again = call_again(ring(first, BOTH, head=HEAD, language="es").presses("1").hangs_up(), "solved")
    assert again.heard.startswith("Sigamos donde nos quedamos. ¿Se resolvió?")


def test_the_order_that_was_drawn_holds():
    questions = ", ".join(f'{{id: q{n}, type: yes_no, ask: "Question {n}?"}}' for n in range(6))
    block = f"- {{id: ab, type: block, order: shuffle, steps: [{questions}]}}"
    left = ring(block)
    order = left.state.order
    again = call_again(left.presses("1").hangs_up(), order[1])
    assert again.state.order == order
    again.hears(f"Question {order[1][1:]}?").presses("1", "1", "1", "1", "1")
    assert set(again.answers) == {f"q{n}" for n in range(6)}


def test_what_is_known_of_the_new_call_goes_before_what_was_known_of_the_old():
    left = ring(CSAT, SOLVED, context={"agent": "a7", "ticket": "88213"}).presses("4").hangs_up()
    again = call_again(left, "solved", number="+12025550199", agent="a8")
    assert again.state.context == {"agent": "a8", "ticket": "88213"}
    assert again.state.number_known


def test_where_nothing_is_left_to_ask_the_caller_is_thanked():
    again = call_again(ring(SOLVED, READ_BACK).presses("1", "1").hangs_up(), "csat")
    assert again.hears("Let's go on", "Goodbye").turn.directives[-1] == Hangup()
    assert again.state.disposition == "complete"


@pytest.mark.parametrize("after", ["continue", "end"])
def test_a_caller_who_hung_up_while_talking_to_somebody_goes_on_behind_it(after):
    line = ring(f'- {{id: desk, type: transfer, to: "+12025550100", after: {after}}}', SOLVED)
    call_again(line.hangs_up(), "desk").hears("Solved?")
