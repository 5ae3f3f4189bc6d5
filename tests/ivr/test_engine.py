"""What a caller hears, and what becomes of what they do, at every kind of step."""

from itertools import pairwise

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ivr import engine
from ivr.call import (
    AnswerGiven,
    AnswerMissing,
    AnswerSettled,
    AnswerWithdrawn,
    CallEnded,
    CallState,
    ConsentGiven,
    ConsentRefused,
    Dial,
    Digits,
    Hangup,
    HungUp,
    NoInput,
    NoMatch,
    OptedOut,
    OrderDrawn,
    Pause,
    Play,
    QuestionAsked,
    Record,
    Recorded,
    Silence,
    Speech,
    Transferred,
    ValueSet,
    VerbatimAsked,
    VerbatimDiscarded,
    VerbatimRecorded,
)
from ivr.survey.reader import load_survey
from tests.ivr.line import RECORDING, Line, survey_of

SOLVED = '- {id: solved, type: yes_no, ask: "Solved? Yes, press 1. No, press 2."}'
CSAT = (
    '- {id: csat, type: rating, scale: 1-5, low: awful, high: great, ask: "How was it, from 1, {low}, to 5, {high}?"}'
)
VOICE = '- {id: why, type: voice, max: 90s, silence: 4s, review: [keep, again, delete], ask: "Tell us why."}'
HELLO = '- {id: hello, type: consent, ask: "Press 1 to go on, 2 to decline."}'


def ring(*steps: str, head: str = "languages: [en]", **known) -> Line:
    return Line(survey_of("\n".join(steps), head), **known)


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


# Prompts


def test_a_placeholder_is_filled_from_the_context_or_by_its_default():
    step = "- {id: q, type: yes_no, ask: \"Did {agent_name | 'our agent'} help?\"}"
    ring(step, context={"agent_name": "Sam"}).hears("Did Sam help?")
    ring(step).hears("Did our agent help?")


def test_a_required_field_that_is_missing_after_all_is_spoken_as_nothing():
    head = "languages: [en]\ncontext: {agent_name: required}"
    ring('- {id: q, type: yes_no, ask: "Did {agent_name} help?"}', head=head).hears("Did  help?")


def test_an_earlier_answer_is_spoken_in_words():
    choice = "- {id: q, type: choice, ask: 'What?', options: [{key: 1, code: wait, say: the waiting time}]}"
    line = ring(choice, CSAT, "- {id: end, type: end, say: \"About {q | 'it'}: {csat | 'nothing'}.\"}")
    line.presses("1", "1").hears("About the waiting time: awful.")


def test_values_are_cut_and_spoken_as_the_prompt_says():
    asked = "{ticket | as: digits} {day | 'soon' | as: date} {who | as: name} {n | as: number} {long}"
    context = {"ticket": "042", "day": "2026-01-31", "who": "SAM O'NEIL", "n": "007", "long": "x" * 50}
    line = ring(f'- {{id: q, type: yes_no, ask: "{asked}"}}', context=context)
    line.hears(f"0 4 2 January 31, 2026 Sam O'Neil 7 {'x' * 40}")
    assert "x" * 41 not in line.heard


def test_what_the_context_holds_is_spoken_and_no_markup():
    line = ring("- {id: q, type: yes_no, ask: \"Hi {agent_name | 'x'}.\"}", context={"agent_name": "<Dial>1</Dial>"})
    line.hears("Hi <Dial>1</Dial>.")  # plain text here; escaping is the business of TwiML


def test_a_recorded_prompt_is_played():
    line = ring("- {id: q, type: yes_no, ask: {en: {text: 'Is it solved now?', audio: solved.wav}}}")
    assert line.gather.prompts == (Play("solved.wav", "Is it solved now?"),)
    assert line.events == (QuestionAsked("q", 1.5),)


def test_the_voice_of_the_language_speaks():
    head = "languages: [en]\nvoices: {en: Polly.Joanna-Neural}"
    assert ring(SOLVED, head=head).gather.prompts[0].voice == "Polly.Joanna-Neural"


# Waiting, and how many keys


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
        ("type: rating, scale: 1-5, ask: 'How was it?'", "Press a key from 1 to 5."),
        ("type: number, max: 9, ask: 'How many?'", "Press a key from 0 to 9."),
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


# Consent


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


# Answers


def test_an_answer_says_its_keys_and_what_they_mean():
    line = ring(CSAT, SOLVED).presses("1")
    assert line.events[0] == AnswerGiven("csat", 1, "awful", "1", "dtmf", settled=True)


def test_a_label_is_in_the_surveys_first_language_whatever_the_caller_speaks():
    step = '- {id: q, type: rating, scale: 1-5, low: {en: awful, es: pésimo}, ask: {en: "How?", es: "¿Qué tal {low}?"}}'
    line = ring(step, head="languages: [en, es]", language="es").hears("¿Qué tal pésimo?")
    assert line.presses("1").events[0].label == "awful"


def test_options_are_read_out_with_the_key_for_those_who_do_not_know():
    step = """
    - id: reason
      type: choice
      dont_know: 4
      not_applicable: 5
      ask: "What was it?"
      options: [{key: 1, code: wait, say: the wait}, {key: 2, code: price, say: the price}]
    """
    ring(step).hears(
        "What was it? For the wait, press 1. For the price, press 2. "
        "If you don't know, press 4. If this does not apply to you, press 5."
    )


def test_several_options_end_with_pound():
    line = ring(
        "- {id: q, type: multi, ask: 'Which?', options: [{key: 1, code: a, say: one}, {key: 2, code: b, say: two}]}"
    )
    line.hears("When you are done, press pound.").presses("21")
    assert line.events[0] == AnswerGiven("q", ["a", "b"], "one, two", "21", "dtmf", settled=True)


def test_a_sensitive_answer_is_nowhere():
    steps = ("- {id: pin, type: digits, length: 4, sensitive: true, confirm_if: answered(pin), ask: 'Code?'}", SOLVED)
    line = ring(*steps).presses("4711")
    assert line.answers == {"pin": "withheld"}
    assert "4711" not in repr(line.turn)
    assert "4711" not in repr(ring(*steps).presses("99").turn.events)


def test_a_date_is_read_back_as_a_date():
    step = "- {id: day, type: digits, holds: date, order: year month day, confirm_if: answered(day), ask: 'When?'}"
    line = ring(step).presses("20260131").hears("You pressed 20260131, January 31, 2026.")
    assert line.answers == {"day": "2026-01-31"}


# The read-back

READ_BACK = CSAT.replace("ask:", "confirm_if: csat <= 2, ask:")


def test_an_answer_is_read_back_before_it_settles():
    line = (
        ring(READ_BACK, SOLVED)
        .presses("1")
        .hears("You pressed 1, awful.", "To keep it, press 1. To change it, press 2.")
    )
    assert line.events[0] == AnswerGiven("csat", 1, "awful", "1", "dtmf", settled=False)
    assert "csat" not in engine.env_of(line.state)
    line.presses("1").hears("Solved?")
    assert line.events[0] == AnswerSettled("csat")
    assert engine.env_of(line.state)["csat"] == 1


def test_an_answer_without_a_label_is_read_back_by_its_value():
    ring(READ_BACK, SOLVED).presses("2").hears("You answered 2.")


def test_silence_keeps_an_answer_that_was_read_back():
    assert AnswerSettled("csat") in ring(READ_BACK, SOLVED).presses("1").is_silent().hears("Solved?").events


def test_two_changes_an_answer_that_was_read_back():
    line = ring(READ_BACK, SOLVED).presses("1", "2").hears("How was it")
    assert line.events[0] == AnswerWithdrawn("csat")
    assert line.presses("5").answers == {"csat": 5}


def test_a_read_back_does_not_go_on_for_ever():
    line = ring(READ_BACK, SOLVED)
    for _ in range(5):
        line.presses("1", "2")
    line.presses("1").hears("Solved?")
    assert line.events[0] == AnswerGiven("csat", 1, "awful", "1", "dtmf", settled=True)


def test_a_hang_up_at_the_read_back_keeps_the_answer():
    line = ring(READ_BACK, SOLVED).presses("1").hangs_up()
    assert line.events[0] == AnswerSettled("csat")
    assert line.missing == {"solved": "not_asked"}


# Trying again


def test_at_the_second_silence_the_survey_goes_on_having_asked_twice():
    line = ring(CSAT, SOLVED).is_silent().hears("How was it")
    assert line.events[0] == NoInput("csat", 1)
    line.is_silent().hears("Solved?")
    assert line.events[:2] == (NoInput("csat", 2), AnswerMissing("csat", "silence"))


def test_a_wrong_key_is_said_to_be_one_and_is_kept_nowhere():
    line = ring(CSAT, SOLVED).presses("8").hears("isn't one of the choices", "How was it")
    assert line.events[0] == NoMatch("csat", 1, "wrong_key")
    assert "8" not in repr(line.events)


@pytest.mark.parametrize("keys", ["0", "6", "#1", "1*1", "A", "٣", "10", "99999999999999999999"])
def test_keys_that_are_no_answer_are_none(keys):
    head = "languages: [en]\ndefaults: {star_menu: []}"
    assert NoMatch("csat", 1, "wrong_key") in ring(CSAT, SOLVED, head=head).presses(keys).events


def test_what_is_said_goes_by_how_often_it_happened():
    head = """
    languages: [en]
    defaults:
      tries: {silence: 9, wrong_key: 9, total: 9}
      on_silence: [Once., Twice or more.]
      on_wrong_key: [Wrong.]
    """
    line = ring(CSAT, head=head)
    line.is_silent().hears("Once. How was it").is_silent().hears("Twice or more. How").presses("9").hears("Wrong. How")
    line.is_silent().hears("Twice or more. How")


def test_too_few_and_too_many_count_with_wrong_key_unless_named():
    step = "- {id: q, type: digits, length: 4-5, ask: 'Number?', %s}"
    together = (
        ring(step % "tries: {wrong_key: 2, total: 9}", SOLVED).presses("12").hears("not enough").presses("1234567")
    )
    assert together.missing == {"q": "wrong_key"}
    apart = ring(step % "tries: {wrong_key: 2, too_few: 3, total: 9}", SOLVED).presses("12", "12").hears("Number?")
    assert apart.presses("12").missing == {"q": "wrong_key"}


def test_the_total_ends_it_whatever_the_kinds():
    line = ring(CSAT.replace("ask:", "tries: {silence: 3, wrong_key: 3, total: 3}, ask:"), SOLVED)
    line.is_silent().presses("9").is_silent()
    assert line.missing == {"csat": "silence"}  # the kind of the last failure


def test_then_ends_the_call_or_transfers_it():
    ends = ring(CSAT.replace("ask:", "then: end, ask:"), SOLVED).is_silent().is_silent().hears("Goodbye")
    assert ends.state.disposition == "break_off"
    assert ends.missing == {"csat": "silence", "solved": "not_asked"}
    transfer = "- {id: desk, type: transfer, to: '+12025550100', say: 'One moment.'}"
    line = ring(CSAT.replace("ask:", "then: transfer, ask:"), SOLVED, transfer).is_silent().is_silent()
    assert line.hears("One moment.").turn.directives[-1] == Dial("+12025550100", 30)


def test_then_transfer_without_a_transfer_ahead_ends_the_call():
    assert ring(CSAT.replace("ask:", "then: transfer, ask:"), SOLVED).is_silent().is_silent().is_over


# The star menu


def menu(words: str = "repeat, slower, back, skip, language, agent, stop") -> str:
    return f"""
    languages: [en, es, fr]
    voices: {{en: Polly.Joanna-Neural, es: Polly.Lupe-Neural, fr: Polly.Lea-Neural}}
    defaults: {{star_menu: [{words}]}}
    phrases: {{star_language: {{fr: "Pour le français, tapez {{key}}."}}}}
    """


BOTH = (
    '- {id: csat, type: rating, scale: 1-5, ask: {en: "How was it?", es: "¿Qué tal?", fr: "Alors?"}}',
    '- {id: solved, type: yes_no, ask: {en: "Solved?", es: "¿Resuelto?", fr: "Résolu?"}}',
)


def test_the_star_menu_is_numbered_as_listed_and_what_cannot_apply_drops_out():
    ring(*BOTH, head=menu()).presses("*").hears(
        "To hear the question again, press 1.",
        "To hear it more slowly, press 2.",
        "To skip this question, press 3.",
        "Para español, marque 4.",
        "Pour le français, tapez 5.",
        "To end this call and never be surveyed again, press 6.",
    ).does_not_hear("go back", "a person")


def test_the_star_menu_goes_back_once_there_is_a_question_before():
    line = ring(*BOTH, head=menu()).presses("3", "*").hears("To go back one question, press 3.")
    line.presses("3").hears("How was it?")
    assert line.events[0] == AnswerWithdrawn("csat")
    assert line.presses("5").hears("Solved?").answers == {"csat": 5}


def test_the_default_menu_is_repeat_skip_stop():
    line = ring(CSAT, SOLVED).presses("*")
    line.hears("again, press 1", "skip this question, press 2", "never be surveyed again, press 3")


def test_repeat_slower_and_language_cost_no_try_and_stay_at_the_question():
    line = ring(*BOTH, head=menu()).is_silent()
    line.presses("*", "1").hears("How was it?").presses("*", "2").hears("How was it?")
    assert line.gather.prompts[0].rate == 0.8
    line.presses("*", "4").hears("¿Qué tal?").presses("4").hears("¿Resuelto?")
    assert line.answers == {"csat": 4}


def test_help_has_a_cap_of_its_own():
    line = ring(*BOTH, head=menu())
    for _ in range(5):
        line.presses("*", "1").hears("How was it?")
    line.presses("*").hears("skip this question, press 1", "press 2").does_not_hear("again, press 1.", "slowly")


def test_a_voice_without_a_name_cannot_slow_down():
    ring(CSAT, head="languages: [en]\ndefaults: {star_menu: [slower, skip]}").presses("*").does_not_hear("slowly")


def test_skip_is_a_refusal_to_answer():
    line = ring(CSAT, SOLVED).presses("*", "2").hears("Solved?")
    assert line.missing == {"csat": "refused"}


def test_stop_keeps_the_wish_never_to_be_surveyed():
    head = "languages: [en]\npartial_after: [csat]"
    line = ring(CSAT, SOLVED, head=head).presses("3", "*", "3").hears("Goodbye")
    assert OptedOut("solved") in line.events
    assert (line.state.opted_out, line.state.disposition) == (True, "partial")
    assert ring(CSAT, SOLVED, head=head).presses("*", "3").state.disposition == "break_off"


def test_an_agent_is_reached_from_the_star_menu():
    head = "languages: [en]\ndefaults: {star_menu: [agent]}"
    line = ring(SOLVED, "- {id: desk, type: transfer, only_if: solved == no, to: 'sip:desk@harbor.example'}", head=head)
    line.presses("*").hears("To speak with a person, press 1.").presses("1")
    assert line.turn.directives[-1] == Dial("sip:desk@harbor.example", 30)


def test_nothing_chosen_in_the_star_menu_is_a_failure_at_the_question():
    line = ring(CSAT, SOLVED).presses("*").is_silent().hears("How was it").presses("*", "9").hears("isn't one of")
    assert line.presses("*").is_silent().hears("Solved?").missing == {"csat": "silence"}


def test_consent_cannot_be_skipped():
    ring(HELLO, SOLVED).presses("*").does_not_hear("skip")


def test_the_star_menu_opens_at_the_read_back_as_well():
    line = ring(READ_BACK, SOLVED).presses("1", "*").hears("To hear the question again, press 1.").does_not_hear("skip")
    line.presses("1").hears("You pressed 1, awful.").presses("1").hears("Solved?")


def test_without_a_star_menu_star_is_a_wrong_key():
    line = ring(CSAT, head="languages: [en]\ndefaults: {star_menu: []}").presses("*").hears("isn't one of the choices")
    assert line.events[0] == NoMatch("csat", 1, "wrong_key")


# Voice


def test_a_message_is_recorded_after_the_tone_and_reviewed():
    line = ring(HELLO, VOICE, SOLVED).presses("1")
    assert line.heard == "Tell us why."
    assert line.turn.directives[-1] == Record(max_s=90, silence_s=4, stop_keys="#*")
    assert line.events[-1] == VerbatimAsked("why")
    line.speaks(12).hears("To keep your message, press 1. To record it again, press 2. To delete it, press 3.")
    assert line.events == (VerbatimRecorded("why", RECORDING, 12),)
    assert line.presses("1").hears("Solved?").state.verbatims == {"why": RECORDING}


def test_a_message_may_be_recorded_again_or_deleted():
    again = ring(HELLO, VOICE, SOLVED).presses("1").speaks().presses("2")
    assert again.events[0] == VerbatimDiscarded("why", RECORDING)
    assert again.records
    deleted = ring(HELLO, VOICE, SOLVED).presses("1").speaks().presses("3").hears("Solved?")
    assert deleted.events[0] == VerbatimDiscarded("why", RECORDING)
    assert deleted.state.verbatims == {}


def test_silence_and_wrong_keys_at_the_review_keep_the_message():
    silent = ring(HELLO, VOICE, SOLVED).presses("1").speaks().is_silent().hears("Solved?")
    wrong = ring(HELLO, VOICE, SOLVED).presses("1").speaks().presses("7").hears("keep your message").presses("7")
    assert silent.state.verbatims == wrong.hears("Solved?").state.verbatims == {"why": RECORDING}


def test_the_review_is_numbered_as_the_survey_lists_it():
    line = ring(HELLO, VOICE.replace("keep, again, delete", "delete, keep"), SOLVED).presses("1").speaks()
    line.hears("To delete it, press 1. To keep your message, press 2.").presses("1")
    assert line.state.verbatims == {}


def test_silence_after_the_tone_is_asked_again_and_then_given_up():
    line = ring(HELLO, VOICE, SOLVED).presses("1").is_silent()
    assert line.records
    line.is_silent().hears("Solved?")
    assert VerbatimRecorded("why", None, 0.0) in line.events


def test_a_record_that_falls_through_is_silence():
    line = ring(HELLO, VOICE, SOLVED).presses("1")
    line._hear(Silence())
    assert line.records


def test_a_hang_up_while_speaking_keeps_what_was_said():
    line = ring(HELLO, VOICE, SOLVED).presses("1").speaks(7, ended_by="hangup")
    assert line.events[0] == VerbatimRecorded("why", RECORDING, 7)
    assert line.events[-1] == CallEnded("partial", "caller")


def test_a_hang_up_at_the_review_keeps_the_message():
    line = ring(HELLO, VOICE, SOLVED).presses("1").speaks().hangs_up()
    assert line.state.verbatims == {"why": RECORDING}
    assert VerbatimDiscarded("why", RECORDING) not in line.happened


def test_star_at_the_start_of_a_recording_opens_the_menu_and_keeps_nothing():
    line = ring(HELLO, VOICE, SOLVED).presses("1").speaks(1, ended_by="*").hears("To skip this question, press 2.")
    assert line.events == (VerbatimRecorded("why", RECORDING, 1), VerbatimDiscarded("why", RECORDING))
    assert line.presses("2").hears("Solved?").state.verbatims == {}


def test_star_late_in_a_recording_ends_it_like_the_stop_key():
    ring(HELLO, VOICE, SOLVED).presses("1").speaks(40, ended_by="*").hears("To keep your message")


def test_a_verbatim_counts_as_an_answer_in_conditions():
    line = (
        ring(HELLO, VOICE, "- {id: note, type: set, value: answered(why)}", SOLVED).presses("1").speaks().presses("1")
    )
    assert ValueSet("note", True) in line.events
    assert engine.env_of(line.state)["why"] == "recorded"


# Language, callback, transfer, set, block, end


def test_the_language_is_asked_in_every_language_and_chosen_by_its_key():
    step = '- {id: tongue, type: language, ask: {en: "For English, press 1.", es: "Para español, marque 2."}}'
    question = '- {id: q, type: yes_no, ask: {en: "Solved?", es: "¿Resuelto?"}}'
    line = ring(step, question, head="languages: [en, es]").hears("For English, press 1. Para español, marque 2.")
    assert [prompt.language for prompt in line.gather.prompts] == ["en", "es"]
    assert line.presses("2").hears("¿Resuelto?").state.language == "es"


def test_a_callback_asks_for_the_number_only_after_a_yes():
    step = "- {id: call_me, type: callback, number: 'Which number?', ask: 'May we call?'}"
    assert ring(step, SOLVED).presses("2").hears("Solved?").answers == {"call_me": "no"}
    line = ring(step, SOLVED).presses("1").hears("Which number?").presses("2025550123").hears("Solved?")
    assert line.answers == {"call_me": "yes", "call_me.number": "2025550123"}


def test_a_withheld_number_cannot_be_called_back_by_pressing_pound():
    step = "- {id: call_me, type: callback, number: 'Which number?', ask: 'May we call?'}"
    ring(step, SOLVED).presses("1").is_silent().hears("Solved?")
    ring(step, SOLVED, number=None).presses("1").is_silent().hears("Which number?").is_silent().hears("Solved?")


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


def test_a_derived_value_decides_what_follows():
    steps = (CSAT, "- {id: sad, type: set, value: csat <= 2}", SOLVED.replace("ask:", "only_if: sad == true, ask:"))
    assert ValueSet("sad", True) in ring(*steps).presses("1").hears("Solved?").events
    assert ring(*steps).presses("5").is_over


def test_an_unknown_derived_value_is_no_answer():
    line = ring(CSAT, "- {id: sad, type: set, value: csat <= 2}", SOLVED).is_silent().is_silent()
    assert ValueSet("sad", None) in line.events
    assert "sad" not in line.state.answers


def block(order: str, more: str = "") -> tuple[str, str]:
    inner = ", ".join(f"{{id: {each}, type: yes_no, ask: 'Was it {each}?'}}" for each in "abc")
    return f"- {{id: details, type: block, order: {order}, {more} steps: [{inner}]}}", SOLVED


def asked(line: Line) -> list[str]:
    while not line.is_over:
        line.presses("1")
    return [event.step for event in line.happened if isinstance(event, QuestionAsked)]


def test_a_fixed_block_is_asked_as_written():
    assert asked(ring(*block("fixed"))) == ["a", "b", "c", "solved"]


def test_the_drawn_order_is_an_event_and_the_same_for_the_same_seed():
    lines = [ring(*block("shuffle"), seed=seed) for seed in (1, 1, 2, 3, 4, 5)]
    drawn = [line.happened[0] for line in lines]
    assert drawn[0] == drawn[1]
    assert len(set(drawn)) > 1
    for line, event in zip(lines, drawn, strict=True):
        assert isinstance(event, OrderDrawn)
        assert asked(line) == [*event.order, "solved"]


def test_two_of_three_are_asked_and_the_third_was_not():
    line = ring(*block("shuffle", "ask: 2 of 3,"))
    assert len(asked(line)) == 3
    assert list(line.missing.values()) == ["not_asked"]


def test_a_rotated_block_begins_anywhere_and_keeps_its_order():
    seen = {tuple(asked(ring(*block("rotate"), seed=seed)))[:3] for seed in range(40)}
    assert seen == {("a", "b", "c"), ("b", "c", "a"), ("c", "a", "b")}


def test_a_balanced_block_gives_each_place_to_each_question_equally_often():
    orders = [asked(ring(*block("balanced"), balance={"details": calls}))[:3] for calls in range(6)]
    for place in range(3):
        assert sorted(order[place] for order in orders) == list("aabbcc")
    followed = [pair for order in orders for pair in pairwise(order)]
    assert {followed.count(pair) for pair in followed} == {2}


def test_a_block_is_left_out_whole_by_its_condition():
    first, last = block("shuffle", "only_if: csat <= 2,")
    assert asked(ring(CSAT, first, last).presses("5")) == ["csat", "solved"]


def test_a_block_jumps_after_its_last_question():
    first, last = block("fixed", "jump: [{when: a == yes, to: thanks}],")
    line = ring(first, last, "- {id: thanks, type: end, say: 'Thanks.'}")
    assert asked(line) == ["a", "b", "c"]
    line.hears("Thanks.")


def test_an_ending_is_named_when_the_books_close():
    line = ring(SOLVED, "- {id: thanks, type: end, say: 'Thank you. Goodbye.'}", CSAT).presses("1").hears("Thank you.")
    assert line.events[-1] == CallEnded("complete", "survey", "thanks")
    assert line.missing == {"csat": "not_asked"}


def test_the_last_step_is_an_ending_too():
    line = ring(SOLVED).presses("1").hears("Thank you. Goodbye.")
    assert line.events[-1] == CallEnded("complete", "survey", None)


# Speech


def test_a_recogniser_that_is_unsure_is_read_back():
    step = "- {id: q, type: yes_no, input: [keys, speech], ask: 'Solved?'}"
    assert ring(step, CSAT).gather.speech
    sure = ring(step, CSAT).says("Yes.", 0.9).hears("How was it")
    assert sure.happened[1] == AnswerGiven("q", "yes", "yes", None, "speech", settled=True)
    unsure = ring(step, CSAT).says("yes", 0.3).hears("You answered yes.")
    assert unsure.presses("2").hears("Solved?").answers == {}


def test_what_is_not_understood_is_no_answer():
    line = ring("- {id: q, type: yes_no, input: [keys, speech], ask: 'Solved?'}").says("purple").hears("understand")
    assert line.events[0] == NoMatch("q", 1, "low_confidence")


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

EVERYTHING = """
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
"""

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
    survey = load_survey(EVERYTHING)
    turn = engine.begin(survey, {}, seed=seed, number=number)
    for each in heard:
        before = turn.state
        turn = engine.resume(survey, before, each)
        assert turn == engine.resume(survey, before, each), "the same heard twice is the same turn"
        assert turn.directives[-1] == Hangup() if turn.state.step is None else turn.directives
        assert msgspec.json.decode(msgspec.json.encode(turn.state), type=CallState) == turn.state
        if turn.state.step is None:
            break
        assert turn.state.turn == before.turn + 1
    turn = engine.resume(survey, turn.state, HungUp())
    assert turn.state.disposition != "in_progress"
    assert {question.id for question in survey.questions()} <= set(turn.state.answers)
    assert all(answer.settled for answer in turn.state.answers.values())


@pytest.mark.parametrize("again", [("1", "2"), ("*", "1"), ("9",), ("*",)])
def test_a_caller_who_goes_round_in_circles_is_let_go(again):
    line = ring(READ_BACK, SOLVED)
    for _ in range(engine.max_turns(line.survey)):
        if not line.is_over:
            line.presses(*again)
    assert line.is_over
