"""What becomes of a call, whatever its caller does."""

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ivr import engine
from ivr.call import (
    AnswerMissing,
    CallEnded,
    CallState,
    Digits,
    Hangup,
    HungUp,
    QuestionAsked,
    Recorded,
    Silence,
    Speech,
)
from ivr.survey.reader import load_survey
from ivr.twilio.twiml import render
from phone.twiml import read_twiml
from tests.ivr.line import CSAT, HELLO, READ_BACK, RECORDING, SOLVED, ring

# The beginning


def test_a_call_begins_with_the_first_question_and_turn_one():
    line = ring(SOLVED)
    assert line.hears("Solved?").state.turn == 1
    assert line.events == (QuestionAsked("solved", 2.7),)
    assert line.presses("1").state.turn == 2


def test_messages_before_a_question_are_interrupted_by_its_key():
    line = ring('- {id: hi, type: say, say: "Hello."}', SOLVED)
    assert line.heard_while_keys.startswith("Hello. Solved?")


def test_a_legal_message_is_heard_whole_and_what_stands_before_it_too():
    line = ring(
        '- {id: hi, type: say, say: "Hello."}',
        '- {id: law, type: say, legal: true, say: "We record."}',
        '- {id: ok, type: say, say: "Ready?"}',
        SOLVED,
    )
    assert line.heard_before_keys == "Hello. We record."
    assert line.heard_while_keys.startswith("Ready? Solved?")


def test_a_caller_who_opted_out_hears_a_goodbye_and_no_question():
    line = ring(SOLVED, opted_out=True).hears("Goodbye").does_not_hear("Solved")
    assert line.turn.directives[-1] == Hangup()
    assert line.events[-1] == CallEnded("refusal", "survey")
    assert line.missing == {"solved": "not_asked"}


@pytest.mark.parametrize(
    ("context", "last", "spoken"),
    [
        ({}, None, "en"),
        ({}, "es", "es"),
        ({"language": "es"}, "en", "es"),
        ({"language": "es-MX"}, None, "es"),
        ({"language": "ES_mx"}, None, "es"),
        ({"language": "fr"}, "es", "es"),
        ({"language": "fr"}, "de", "en"),
    ],
)
def test_the_language_is_the_calls_then_the_callers_last_then_the_first(context, last, spoken):
    step = '- {id: q, type: yes_no, ask: {en: "Solved?", es: "¿Resuelto?"}}'
    line = ring(step, head="languages: [en, es]", context=context, language=last)
    assert line.state.language == spoken
    line.hears({"en": "Solved?", "es": "¿Resuelto?"}[spoken])


# The end of the line


@pytest.mark.parametrize(
    ("partial_after", "keys", "disposition"),
    [("", [], "break_off"), ("", ["3"], "partial"), ("csat", ["3"], "partial"), ("csat, solved", ["3"], "break_off")],
)
def test_a_hang_up_is_partial_once_enough_is_answered(partial_after, keys, disposition):
    line = ring(CSAT, SOLVED, head=f"languages: [en]\npartial_after: [{partial_after}]").presses(*keys).hangs_up()
    assert line.events[-1] == CallEnded(disposition, "caller")


def test_a_question_that_was_not_answered_is_not_there_for_partial():
    line = ring(CSAT, SOLVED, head="languages: [en]\npartial_after: [csat]").is_silent().is_silent().hangs_up()
    assert line.state.disposition == "break_off"


def test_every_question_has_an_answer_or_a_reason_at_the_end():
    line = ring(HELLO, CSAT, SOLVED, "- {id: recommend, type: nps, ask: 'How likely?'}").presses("1", "4").hangs_up()
    assert line.answers == {"csat": 4}
    assert line.missing == {"solved": "hung_up", "recommend": "not_asked"}


def test_a_silent_line_is_closed_as_such():
    line = ring(CSAT, SOLVED)
    turn = engine.resume(line.survey, line.state, HungUp(by="silence"))
    assert turn.events[-1] == CallEnded("break_off", "silence")


def test_a_call_that_has_ended_stays_ended():
    line = ring(SOLVED).presses("1")
    again = engine.resume(line.survey, line.state, Digits("2"))
    assert (again.state, again.events, again.directives) == (line.state, (), (Hangup(),))


def test_our_failure_ends_the_call_with_an_apology_and_keeps_the_answers():
    line = ring(CSAT, SOLVED).presses("1")
    turn = engine.fail(line.survey, line.state)
    assert "sorry, something went wrong" in turn.directives[0].text
    assert turn.events == (AnswerMissing("solved", "error"), CallEnded("failed", "error"))
    assert turn.state.answers["csat"].value == 1


# Whatever callers do


EVERYTHING = load_survey("""
ivr_survey: 1
id: everything
languages: [en, es]
voices: {en: Polly.Joanna-Neural}
defaults: {star_menu: [repeat, slower, back, skip, language, agent, stop]}
partial_after: [csat]
steps:
  - {id: tongue, type: language, ask: {en: "English, press 1.", es: "Español, marque 2."}}
  - id: hello
    type: consent
    legal: true
    keys: {1: continue, 2: decline, 9: opt_out}
    ask: {en: "May we?", es: "¿Podemos?"}
  - {id: hi, type: say, say: {en: "Hello.", es: "Hola."}}
  - id: csat
    type: rating
    scale: 1-5
    confirm_if: csat <= 2
    ask: {en: "How was it?", es: "¿Qué tal?"}
    jump: [{when: csat == 4, to: why}]
  - {id: sad, type: set, value: csat <= 2}
  - {id: recommend, type: nps, input: [keys, speech], ask: {en: "How likely?", es: "¿Qué tan probable?"}}
  - id: details
    type: block
    order: shuffle
    ask: 2 of 3
    steps:
      - {id: visits, type: number, max: 30, dont_know: 99, ask: {en: "How often?", es: "¿Cuántas veces?"}}
      - {id: pin, type: digits, length: 4, sensitive: true, ask: {en: "Code?", es: "¿Código?"}}
      - id: used
        type: multi
        at_most: 1
        ask: {en: "Which?", es: "¿Cuáles?"}
        options:
          - {key: 1, code: a, say: {en: one, es: uno}}
          - {key: 2, code: b, say: {en: two, es: dos}}
  - {id: why, type: voice, review: [keep, again, delete], ask: {en: "Tell us.", es: "Díganos."}}
  - id: call_me
    type: callback
    ask: {en: "May we call?", es: "¿Podemos llamar?"}
    number: {en: "Number?", es: "¿Número?"}
    time: {en: "When?", es: "¿Cuándo?"}
    times: [{key: 1, code: am, say: {en: morning, es: mañana}}]
  - {id: person, type: transfer, only_if: sad == true, to: "+12025550100"}
  - {id: thanks, type: end, say: {en: "Thanks.", es: "Gracias."}}
""")

NEXT = "https://voice.harbor.example/voice/CA1/2"
keys = st.text("0123456789*#", min_size=1, max_size=4).map(lambda keys: Digits(keys.rstrip("#") or "*"))
inputs = st.one_of(
    keys,
    st.just(Digits("1")),
    st.just(Digits("2")),
    st.just(Digits("*")),
    st.just(Silence()),
    st.builds(Speech, st.sampled_from(["yes", "5", "purple"]), st.sampled_from([None, 0.2, 1.0])),
    st.builds(
        Recorded, st.sampled_from([None, RECORDING]), st.sampled_from([0.0, 1.0, 20.0]), st.sampled_from(["", "#", "*"])
    ),
)


@given(heard=st.lists(inputs, max_size=60), seed=st.integers(0, 10), number=st.sampled_from([None, "+1"]))
def test_whatever_is_heard_a_call_goes_on_or_ends_in_the_books(heard, seed, number):
    turn = engine.begin(EVERYTHING, {}, seed=seed, number=number)
    for each in heard:
        before = turn.state
        turn = engine.resume(EVERYTHING, before, each)
        assert turn == engine.resume(EVERYTHING, before, each), "the same heard twice is the same turn"
        assert turn.directives[-1] == Hangup() if turn.state.step is None else turn.directives
        assert read_twiml(render(turn.directives, NEXT).encode())
        assert msgspec.json.decode(msgspec.json.encode(turn.state), type=CallState) == turn.state
        if turn.state.step is None:
            break
        assert turn.state.turn == before.turn + 1
    turn = engine.resume(EVERYTHING, turn.state, HungUp())
    assert turn.state.disposition != "in_progress"
    assert {question.id for question in EVERYTHING.questions()} <= set(turn.state.answers)
    assert all(answer.settled for answer in turn.state.answers.values())


@pytest.mark.parametrize("again", [("1", "2"), ("*", "1"), ("9",), ("*",)])
def test_a_caller_who_goes_round_in_circles_is_let_go(again):
    line = ring(READ_BACK, SOLVED)
    for _ in range(engine.max_turns(line.survey)):
        if not line.is_over:
            line.presses(*again)
    assert line.is_over
