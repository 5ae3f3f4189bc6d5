"""The star menu, as its caller hears it."""

import pytest

from ivr import star_menu
from ivr.call import AnswerWithdrawn, Dial, NoMatch, OptedOut
from ivr.speaker import Speaker
from tests.ivr.line import CSAT, HELLO, READ_BACK, SOLVED, ring


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
        "To hear it again, press 1. More slowly, 2. To skip it, 3.",
        "Para español, marque 4.",
        "Pour le français, tapez 5.",
        "To never be surveyed again, 6.",
    ).does_not_hear("go back", "an agent")


@pytest.mark.parametrize("language", ["en", "es"])
def test_a_long_star_menu_is_read_out_in_twelve_seconds(language):
    head = menu().replace(", fr]", "]").replace('phrases: {star_language: {fr: "Pour le français, tapez {key}."}}', "")
    line = ring(*BOTH, "- {id: desk, type: transfer, to: '+12025550100'}", head=head, language=language)
    menu_s = Speaker(line.survey, line.state).length_s(line.presses("3", "*").turn.directives)
    assert len(star_menu.entries(line.survey, line.state)) == 7
    assert menu_s < 12


def test_the_star_menu_goes_back_once_there_is_a_question_before():
    line = ring(*BOTH, head=menu()).presses("3", "*").hears("To go back, 3.")
    line.presses("3").hears("How was it?")
    assert line.events[0] == AnswerWithdrawn("csat")
    assert line.presses("5").hears("Solved?").answers == {"csat": 5}


def test_the_default_menu_is_repeat_skip_stop():
    line = ring(CSAT, SOLVED).presses("*")
    line.hears("To hear it again, press 1. To skip it, 2. To never be surveyed again, 3.")


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
    line.presses("*").hears("To skip it, press 1.", "again, 2.").does_not_hear("hear it", "slowly")


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
    line.presses("*").hears("For an agent, press 1.").presses("1")
    assert line.turn.directives[-1] == Dial("sip:desk@harbor.example", 30)


def test_nothing_chosen_in_the_star_menu_is_a_failure_at_the_question():
    line = (
        ring(CSAT, SOLVED).presses("*").is_silent().hears("How was it").presses("*", "9").hears("a number from 1 to 5")
    )
    assert line.presses("*").is_silent().hears("Solved?").missing == {"csat": "silence"}


def test_consent_cannot_be_skipped():
    ring(HELLO, SOLVED).presses("*").does_not_hear("skip")


def test_the_star_menu_opens_at_the_read_back_as_well():
    line = ring(READ_BACK, SOLVED).presses("1", "*").hears("To hear it again, press 1.").does_not_hear("skip")
    line.presses("1").hears("You pressed 1, awful.").presses("1").hears("Solved?")


def test_without_a_star_menu_star_is_a_wrong_key():
    line = ring(CSAT, head="languages: [en]\ndefaults: {star_menu: []}").presses("*").hears("a number from 1 to 5")
    assert line.events[0] == NoMatch("csat", 1, "wrong_key")
