"""What `survey check` finds: for each code the smallest file that shows it. » stands before what it points at."""

import re

import pytest

from ivr.survey.check.codes import CODES
from ivr.survey.diagnostics import Place
from ivr.survey.phrases import PHRASES
from ivr.survey.reader import read_survey
from ivr.survey.sounds import Sound

HEAD = "ivr_survey: 1\nid: short\nlanguages: [en]\n"
SPANISH = "ivr_survey: 1\nid: short\nlanguages: [en, es]\n"
CSAT = "  - {id: csat, type: rating, scale: 1-5, ask: How was it?}\n"
SOLVED = "  - {id: solved, type: yes_no, ask: Is it solved?}\n"
REASON = """  - {id: reason, type: choice, ask: What was it?, options: [
      {key: 1, code: wait, say: waiting}, {key: 2, code: price, say: the price}]}
"""
USED = """  - {id: used, type: multi, ask: What did you use?, options: [
      {key: 1, code: app, say: the app}, {key: 2, code: site, say: the site}]}
"""
AGREE = "  - {id: agree, type: consent, ask: May we?, keys: {1: continue}}\n"
WHY = "  - {id: why, type: voice, ask: Tell us why.}\n"
THANKS = "  - {id: thanks, type: end, say: Thanks.}\n"
MEAN = "scores: {all: {kind: mean, from: »[csat, ease]}}\n"
SHORT = HEAD + "limits: {prompt: 14s}\n"
SOUNDS = {
    "loud.wav": Sound(2.0, peak=1.0, clipped=0.2),
    "quiet.wav": Sound(2.0, peak=0.001),
    "broken.wav": Sound(problem="it holds no sound"),
    "good.wav": Sound(2.0, peak=0.5),
    "long.wav": Sound(20.0, peak=0.5),
}


def steps(*listed: str, head: str = HEAD) -> str:
    return head + "steps:\n" + "".join(listed)


def block(*inside: str, **fields: str) -> str:
    written = "".join(f"{name}: {value}, " for name, value in fields.items())
    return f"  - {{id: both, type: block, {written}steps: [\n{','.join(step[4:] for step in inside)}]}}\n"


def optional(only_if: str, step: str = SOLVED) -> str:
    return step.replace("type:", f"only_if: {only_if}, type:")


PROBLEMS = [
    ("E001", "a: b»: c"),
    ("E001", "a:\n»\t- b"),
    ("E001", steps(THANKS) + "»---\nsteps: []"),
    ("E001", "»[a, b]: c"),
    ("E001", "a: »\x07"),
    ("E002", steps(THANKS) + "»id: again\n"),
    ("E003", steps(THANKS) + "title: »&title My survey\n"),
    ("E003", steps(THANKS) + "title: »*title\n"),
    ("E003", steps(THANKS) + "title: »!!str 1\n"),
    ("E004", "»"),
    ("E004", HEAD + "steps: »[]\n"),
    ("E004", steps("  - {id: reason, type: choice, ask: What?, options: »[]}\n", THANKS)),
    ("E004", steps(THANKS) + "»title:\n"),
    ("E004", steps(THANKS) + "partial_after: [»]\n".replace("[»]", "\n  -» \n")),
    ("E005", "[" * 20 + "»["),
    ("E005", "»# " + "x" * 1_000_000),
    ("E010", steps(THANKS) + "»titel: My survey\n"),
    ("E010", steps(CSAT.replace("ask:", "»aks: x, ask:"))),
    ("E010", steps(AGREE, WHY.replace("ask:", "»sensitive: true, ask:"))),
    ("E010", steps("  - {id: call_me, type: callback, »sensitive: true, ask: May we call you?}\n")),
    ("E010", steps(THANKS) + "phrases: {»options: {en: hello}}\n"),
    ("E011", "»ivr_survey: 1\nlanguages: [en]\nsteps:\n" + THANKS),
    ("E011", steps("  - »{id: csat, type: rating, ask: How was it?}\n")),
    ("E011", steps("  - »{id: csat, ask: How was it?}\n")),
    ("E012", steps("  - {id: csat, type: »ratting, scale: 1-5, ask: How was it?}\n")),
    ("E012", steps(CSAT.replace("ask:", "then: »stop, ask:"))),
    ("E012", steps(REASON.replace("key: 1", "key: »11"))),
    ("E012", steps(CSAT) + "alerts:\n  - {name: Low, when: csat <= 2, once: »per week}\n"),
    ("E012", steps(CSAT) + "tests:\n  - {name: Low, do: [»pres 1]}\n"),
    ("E012", steps(THANKS.replace("Thanks.", '»"Bye {agent | \'you\' | as: time}"').replace('»"Bye ', '"Bye »'))),
    ("E012", steps(CSAT) + "tests:\n  - {name: Low, do: [press 1], expect: {missing: {csat: »lazy}}}\n"),
    ("E013", steps(CSAT.replace("ask:", "legal: »yes, ask:"))),
    ("E013", steps(CSAT.replace("1-5", "»5-1"))),
    ("E013", steps("  - {id: thanks, type: end, say: »Thanks.}\n", head=SPANISH)),
    ("E013", steps(THANKS) + "title: »2024\n"),
    ("E013", steps(CSAT) + "tests:\n  - {name: Low, do: [press 1], expect: {call: »150s}}\n"),
    ("E013", steps("  - {id: person, type: transfer, to: »call me}\n", THANKS)),
    ("E013", steps("  - »thanks\n", THANKS)),
    ("E070", steps(CSAT.replace("ask:", "tries: {silence: »0}, ask:"))),
    ("E014", steps(AGREE, WHY.replace("ask:", "max: »90, ask:"))),
    ("E020", steps(CSAT, CSAT.replace("id: csat", "id: »csat"))),
    ("E020", steps(REASON.replace("code: price", "code: »wait"))),
    ("E020", "ivr_survey: 1\nid: short\nlanguages: [en, »en]\nsteps:\n" + THANKS),
    ("E020", steps(CSAT) + "tests:\n  - {name: Low, do: [press 1]}\n  - {name: »Low, do: [press 2]}\n"),
    ("E020", steps(THANKS, head=HEAD + "defaults: {star_menu: [repeat, »repeat]}\n")),
    ("E020", steps(AGREE, CSAT, WHY) + "alerts:\n  - {name: Low, when: csat <= 2, attach: [why, »why]}\n"),
    ("E021", steps(CSAT.replace("id: csat", "id: »answered"))),
    ("E021", steps(THANKS).replace("id: short", "id: »status")),
    ("E022", steps(CSAT.replace("id: csat", "id: »1st"))),
    ("E022", steps(THANKS, head=HEAD + "context: {»CallSid: optional}\n")),
    ("E022", steps(REASON.replace("code: wait", "code: »too long"))),
    ("E023", steps(CSAT) + "partial_after: [»cast]\n"),
    ("E023", steps(CSAT) + "alerts:\n  - {name: Low, when: csat <= 2, attach: [»csat]}\n"),
    ("E023", steps(CSAT) + "scores: {nps: {kind: nps, from: »csat}}\n"),
    ("E023", steps(CSAT.replace("ask:", "sensitive: true, ask:")) + "scores: {csat: {kind: csat, from: »csat}}\n"),
    ("E023", steps(CSAT) + "tests:\n  - {name: Low, do: [press 1], expect: {answers: {»cast: 1}}}\n"),
    ("E023", steps(CSAT) + "tests:\n  - {name: Low, do: [press 1], expect: {alerts: [»Low]}}\n"),
    ("E024", steps(CSAT, optional("csat »= 2"))),
    ("E024", steps(CSAT, optional("csat <= 2 »&& csat >= 1"))),
    ("E024", steps(CSAT, optional('"1 <= csat »<= 3"'))),
    ("E024", steps(CSAT, optional("»" + "(csat <= 2) or " * 70 + "csat <= 2"))),
    ("E024", steps(CSAT, optional("»" + "not " * 21 + "csat <= 2"))),
    ("E025", steps(CSAT, optional("»cast <= 2"))),
    ("E025", steps(CSAT, optional("csat <= 2 or »unhappy"))),
    ("E025", steps(CSAT, optional("csat <= »two"))),
    ("E025", steps(optional("context.»mood == bad"))),
    ("E025", steps(AGREE, optional("answered(»agree)"))),
    ("E025", steps(CSAT, optional("»csat.time == 1"))),
    ("E025", steps(CSAT.replace("ask:", "jump: [{when: csat <= 2, to: »thank}], ask:"), THANKS)),
    ("E025", steps(CSAT.replace("ask:", "then: »transfer, ask:"), THANKS)),
    ("E026", steps(optional("»csat <= 2"), CSAT)),
    ("E026", steps(optional("»solved == no"))),
    ("E026", steps(block(CSAT, optional("»csat <= 2"), order="shuffle"))),
    ("E027", steps(CSAT, REASON, optional("csat == »reason"))),
    ("E027", steps(REASON, optional("reason <= »wait"))),
    ("E027", steps(REASON, optional("reason == »2"))),
    ("E027", steps(CSAT, optional("»csat"))),
    ("E027", steps(CSAT, optional("csat == »yes"))),
    ("E027", steps(CSAT, REASON, optional("csat <= »wait"))),
    ("E027", steps(CSAT, SOLVED, optional("»csat and solved == no", REASON))),
    ("E027", steps(USED, optional("»used == app"))),
    ("E027", steps(REASON, optional("wait in »reason"))),
    ("E027", steps(AGREE, WHY, optional("»why == yes"))),
    ("E027", steps(REASON, optional("mean(»reason) <= 2"))),
    ("E028", steps(CSAT, optional("csat == »7"))),
    ("E028", steps(CSAT, optional("csat <= »9"))),
    ("E028", steps(CSAT, optional("csat == »2.5"))),
    ("E028", steps(REASON, optional("reason == »weight"))),
    ("E028", steps(CSAT.replace("ask:", "input: [speech], synonyms: {en: {»9: [nine]}}, ask:"))),
    ("E028", steps(REASON, optional('"reason in [wait, »weight]"'))),
    ("E028", steps(USED, optional("»ap in used"))),
    ("E028", steps(CSAT) + "scores: {csat: {kind: csat, from: csat, top: [5, »6]}}\n"),
    ("E028", steps(REASON) + "scores: {fcr: {kind: fcr, from: reason, yes: [»yes]}}\n"),
    ("E028", steps(CSAT) + "tests:\n  - {name: Low, do: [press 1], expect: {answers: {csat: »9}}}\n"),
    ("E028", steps(USED) + "tests:\n  - {name: App, do: [press 1], expect: {answers: {used: »[app, ap]}}}\n"),
    ("E029", steps(CSAT, SOLVED.replace("ask:", "jump: [{when: csat <= 2, to: »csat}], ask:"))),
    ("E029", steps(CSAT.replace("ask:", "jump: [{when: csat <= 2, to: »solved}], ask:"),
                   block(SOLVED))),
    ("E030", steps(THANKS, CSAT.replace("id: csat", "id: »csat"))),
    ("E030", steps(
        CSAT.replace("ask:", "then: end, jump: [{when: answered(csat) or not answered(csat), to: thanks}], ask:")
            .replace("answered(csat) or not answered(csat)", "csat <= 2"),
        "  - {id: bye, type: end, say: Bye.}\n", SOLVED.replace("id: solved", "id: »solved"), THANKS)),
    ("E031", steps(CSAT, optional("»csat <= 2 and csat >= 4"))),
    ("E031", steps(CSAT, optional("csat <= 2"), REASON.replace("ask:", "only_if: »solved == no and csat >= 4, ask:"))),
    ("E031", steps(CSAT.replace("ask:", "confirm_if: »csat <= 2 and csat >= 4, ask:"))),
    ("E032", steps(CSAT, optional("»csat <= 5"))),
    ("E032", steps(CSAT, CSAT.replace("csat", "care"), optional("»'max(csat, care) <= 5'"))),
    ("E032", steps(SOLVED, optional("»solved == yes or solved == no", REASON))),
    ("E032", steps(CSAT.replace("ask:", "then: end, ask:"), THANKS.replace("say:", "only_if: csat == 1, say:"), SOLVED,
                   head=HEAD + "defaults: {then: end, star_menu: []}\n")
        + "alerts:\n  - {name: All, when: »answered(csat) and (csat == 1 or answered(solved))}\n"),
    ("E032", steps(CSAT) + "alerts:\n  - {name: All, when: »csat >= 1}\n"),
    ("E033", steps(WHY.replace("id: why", "id: »why"))),
    ("E033", steps(CSAT, AGREE.replace("type:", "only_if: csat <= 2, type:"), WHY.replace("id: why", "id: »why"))),
    ("E034", steps(CSAT, SOLVED.replace("ask:", "only_if: csat <= 2, ask:"))
        + "alerts:\n  - {name: Odd, when: »csat >= 4 and solved == no}\n"),
    ("E035", steps(AGREE, CSAT, optional("csat <= 2", WHY))
        + "alerts:\n  - {name: Fan, when: csat == 5, attach: [»why]}\n"),
    ("E040", steps(REASON.replace("key: 2", "key: »1"))),
    ("E040", steps(CSAT.replace("ask:", "dont_know: »5, ask:"))),
    ("E040", steps(SOLVED.replace("ask:", "dont_know: 3, not_applicable: »3, ask:"))),
    ("E041", steps(REASON.replace("key: 2", "key: »star"))),
    ("E041", steps(AGREE, WHY.replace("ask:", "stop_key: »star, ask:"))),
    ("E041", steps(AGREE.replace("1: continue", "1: continue, »star: decline"))),
    ("E042", steps(REASON.replace("key: 2", "key: »pound"))),
    ("E042", steps(AGREE.replace("keys: {1: continue}", "»keys: {1: decline}"))),
    ("E042", steps("  - {id: visits, type: number, min: »-1, max: 9, ask: How often?}\n")),
    ("E042", steps("  - {id: visits, type: number, min: 9, max: »1, ask: How often?}\n")),
    ("E042", steps(USED.replace("ask:", "at_most: »3, ask:"))),
    ("E042", steps(block(CSAT, SOLVED, ask="»2 of 3"))),
    ("E042", steps(CSAT) + "scores: {all: {kind: composite, from: {csat: 1}, at_least: »2}}\n"),
    ("E050", steps("  - {id: thanks, type: end, »say: {en: Thanks.}}\n", head=SPANISH)),
    ("E050", steps(THANKS.replace("Thanks.", '»" "'))),
    ("E050", "ivr_survey: 1\nid: short\nlanguages: [»fr]\nsteps:\n" + THANKS),
    ("E051", steps("  - {id: thanks, type: end, say: {en: Thanks., »es: Gracias.}}\n")),
    ("E051", steps(CSAT.replace("ask:", "input: [speech], synonyms: {»es: {5: [cinco]}}, ask:"))),
    ("E051", steps(THANKS) + "voices: {»es: Polly.Lupe}\n"),
    ("E051", steps("  - {id: tongue, type: language, ask: Which?, keys: {1: en, 2: »es}}\n")),
    ("E052", steps(THANKS.replace("Thanks.", '"Thanks, »{agent_nam | \'you\'}."'))),
    ("E052", steps(THANKS.replace("Thanks.", '"Thanks, »{agent name}."'))),
    ("E052", steps(SOLVED.replace("Is it solved?", '"Is it »{low} or not?"'))),
    ("E052", steps(REASON) + 'phrases: {option: {en: »"Press {key}."}}\n'),
    ("E053", steps(THANKS.replace("Thanks.", '"Thanks, »{agent_name}."'))),
    ("E053", steps(CSAT, THANKS.replace("Thanks.", '"Thanks for the »{csat}."'))),
    ("E054", steps(AGREE.replace("ask:", "legal: true, »barge_in: true, ask:"))),
    ("E055", steps(THANKS.replace("Thanks.", "{en: {text: Thanks., audio: »god.wav}}"))),
    ("E055", steps(THANKS.replace("Thanks.", "{en: {text: Thanks., audio: »../good.wav}}"))),
    ("E056", steps(THANKS.replace("Thanks.", "{en: {text: Thanks., audio: »broken.wav}}"))),
    ("E057", steps(THANKS.replace("Thanks.", "{en: {text: Thanks., audio: »loud.wav}}"))),
    ("E058", steps(THANKS.replace("Thanks.", "{en: {text: Thanks., audio: »quiet.wav}}"))),
    ("E060", steps(CSAT, "  - {id: ease, type: effort, ask: How easy?}\n") + MEAN),
    ("E070", steps("  - {id: person, type: transfer, to: '+12025550100', timeout: »0s}\n")),
    ("E070", steps(CSAT.replace("ask:", "wait: {first_key: »0s}, ask:"))),
    ("E070", steps(CSAT, head=HEAD + "defaults: {wait: {between_keys: »100s}}\n")),
    ("E070", steps(CSAT) + "alerts:\n  - {name: Low, when: csat <= 2, once: »per caller in 0h}\n"),
    ("E070", steps(AGREE, WHY.replace("ask:", "max: »20min, ask:"))),
    ("E070", steps(THANKS.replace("Thanks.", "»" + "thanks " * 40), head=SHORT)),
    ("E070", steps(THANKS.replace("Thanks.", "»" + "thanks " * 2000))),
    ("E070", steps(THANKS.replace("Thanks.", "{en: »{text: Thanks., audio: long.wav}}"), head=SHORT)),
    ("E070", steps(CSAT, SOLVED, head=HEAD + "limits: {questions: »1}\n")),
    ("E070", steps(AGREE, WHY, head=HEAD + "limits: {worst_call: »60s}\n")),
    ("E070", steps(AGREE, WHY, head=HEAD + "limits: {typical_call: »20s}\n")),
    ("E070", steps(THANKS, head=HEAD + "speech: {en: »99}\n")),
    ("W001", steps(SOLVED.replace("id: solved", "id: »solved"))),
    ("W002", steps(SOLVED.replace("Is it solved?", '»"Is it solved? Press 1 for yes."'))),
    ("W002", steps(SOLVED.replace("Is it solved?", '{en: Yes?, es: »"¿Sí? Marque 1 para sí."}'), head=SPANISH)),
    ("W003", steps("  - {id: reason, type: choice, ask: What was it?, »options: [",
                   ", ".join(f"{{key: {key}, code: c{key}, say: thing}}" for key in range(6)), "]}\n")),
    ("W004", steps(CSAT.replace("ask:", "low: bad, high: good, ask:"),
                   CSAT.replace("id: csat", "id: »wait").replace("ask:", "low: good, high: bad, ask:"))),
    ("W005", steps(CSAT.replace("How was it?", "»Were we quick and friendly?"))),
    ("W006", steps(THANKS.replace("Thanks.", "»" + "thank you " * 16))),
    ("W007", steps("  - {id: thanks, type: end, say: {en: Thanks., es: »{text: Adiós., of: Bye.}}}\n", head=SPANISH)),
    ("W008", steps(CSAT).replace("steps:", "»steps:")),
    ("W009", steps(CSAT).replace("steps:", "»steps:")),
    ("W010", steps(CSAT, optional("»not csat <= 2"))),
    ("W010", steps(SOLVED, optional("»solved != no", REASON))),
    ("W012", steps(CSAT, SOLVED, "  - {id: bad, type: set, value: csat <= 2}\n")
        + "alerts:\n  - {name: Low, when: »bad == true}\n"),
    ("W013", steps(THANKS.replace("say:", "»tries: {silence: 3}, say:"))),
    ("W013", steps(AGREE, WHY.replace("ask:", "max: 10s, silence: »90s, ask:"))),
    ("W013", steps(CSAT.replace("ask:", "tries: {silence: »5, total: 2}, ask:"))),
    ("W011", steps("  »" + AGREE.strip() + "\n", *(CSAT.replace("csat", f"q{n}") for n in range(9)),
                   optional(" or ".join(f"q{n} == q{n + 1}" for n in range(8))))),
]  # fmt: skip


def marked(text: str) -> tuple[str, Place]:
    """The text without its mark, and where that stood."""
    before, _, after = text.partition("»")
    return before + after, Place(before.count("\n") + 1, len(before) - before.rfind("\n"))


@pytest.mark.parametrize(("code", "text"), PROBLEMS, ids=[code for code, _ in PROBLEMS])
def test_a_problem_is_found_where_it_is(code, text):
    written, place = marked(text)
    survey, found = read_survey(written, SOUNDS, advice=True)
    places = [(problem.code, problem.place) for problem in found]
    assert (code, place) in places, "\n".join(problem.told("short.yaml") for problem in found)
    if code.startswith("E"):
        assert survey is None
        assert [each for each, _ in places if each != code and each.startswith("E")] == [], [
            p.told("short.yaml") for p in found
        ]
    else:
        assert survey is not None


def test_each_code_has_a_file_that_shows_it():
    assert {code for code, _ in PROBLEMS} == set(CODES)


def codes(*listed: str) -> set[str]:
    return {problem.code for problem in read_survey(steps(*listed))[1]}


def test_two_branches_that_jump_past_each_other_are_in_order():
    happy = "  - {id: praise, type: yes_no, ask: May we pass it on?, jump: [{when: csat >= 3, to: thanks}]}\n"
    sad = "  - {id: sorry, type: yes_no, ask: Shall we call?}\n"
    assert codes(CSAT.replace("ask:", "jump: [{when: csat <= 2, to: sorry}], ask:"), happy, sad, THANKS) == set()


def test_a_derived_value_may_be_a_code_a_number_or_true():
    for value, asked in (("gold", "tier == gold"), ("3", "tier >= 3"), ("true", "tier == true")):
        tier = f"  - {{id: tier, type: set, only_if: csat >= 4, value: {value}}}\n"
        assert codes(CSAT, tier, optional(asked)) == set()
        assert codes(CSAT, tier.replace(value, "csta"), THANKS) == {"E025"}


def test_a_condition_is_not_always_true_where_some_callers_are_not_asked_what_it_names():
    solved = optional("csat <= 2")
    unhappy = "csat <= 2 or solved == no"
    derived = f"  - {{id: unhappy, type: set, value: {unhappy}}}\n"
    assert codes(CSAT, solved, REASON.replace("ask:", f"only_if: {unhappy}, ask:")) == set()
    assert codes(CSAT, solved, derived, REASON.replace("ask:", "only_if: unhappy == true, ask:")) == set()
    assert codes(CSAT, solved, derived, "alerts: [{name: Unhappy, when: unhappy == true}]\n") == set()


def test_the_same_holds_of_a_jump_that_names_a_derived_value():
    glad = "  - {id: glad, type: set, value: csat >= 3}\n"
    happy = "  - {id: praise, type: yes_no, ask: May we pass it on?, jump: [{when: glad == true, to: thanks}]}\n"
    sad = "  - {id: sorry, type: yes_no, ask: Shall we call?}\n"
    assert codes(CSAT.replace("ask:", "jump: [{when: csat <= 2, to: sorry}], ask:"), glad, happy, sad, THANKS) == set()


def test_what_every_answer_is_read_back_may_be_said():
    assert codes(CSAT.replace("ask:", "confirm_if: answered(csat), ask:"), THANKS) == set()


def test_a_transfer_after_the_ending_is_reached_by_those_who_ask_for_it():
    transfer = "  - {id: person, type: transfer, to: '+12025550100'}\n"
    assert codes(CSAT.replace("ask:", "then: transfer, ask:"), THANKS, transfer) == set()


def test_a_question_that_may_be_left_out_by_the_star_menu_has_no_answer_for_sure():
    unanswered = "  - {id: again, type: yes_no, only_if: not answered(csat), ask: Would you rather not say?}\n"
    assert codes(CSAT, unanswered) == set()
    no_menu = HEAD + "defaults: {star_menu: [], then: end}\n"
    assert [p.code for p in read_survey(no_menu + "steps:\n" + CSAT + unanswered)[1]] == ["E031"]


def test_a_survey_of_one_language_needs_no_language_before_its_texts():
    assert codes(CSAT, THANKS) == set()


def test_a_language_of_its_own_needs_the_engines_sentences():
    french = "ivr_survey: 1\nid: short\nlanguages: [fr]\nsteps:\n" + THANKS
    [problem] = read_survey(french)[1]
    assert problem.code == "E050"
    names = problem.message.split(": ")[1].split(", ")
    assert set(names) >= {"apology", "goodbye", "wrong_key", "star_repeat", "star_skip", "star_stop"}
    values = {name: " ".join(re.findall(r"\{\w+\}", PHRASES[name]["en"])) for name in names}
    known = "".join(f'  {name}: {{fr: "… {values[name]}"}}\n' for name in names)
    assert read_survey(french + "phrases:\n" + known)[1] == ()


def test_all_that_is_wrong_is_told_in_one_run():
    text = steps(
        CSAT.replace("ask:", "wait: 6, ask:"),
        REASON.replace("key: 2", "key: 1"),
        optional("cast <= 2"),
        THANKS.replace("Thanks.", '"Thanks, {nobody}."'),
    )
    found = [problem.code for problem in read_survey(text + "partial_after: [csst]\ntitel: x\n")[1]]
    assert found == ["E013", "E040", "E025", "E052", "E023", "E010"]


def test_nothing_is_said_of_those_who_name_a_step_that_does_not_fit():
    text = steps(CSAT.replace("1-5", "5-1"), optional("csat <= 2"), THANKS) + "partial_after: [csat]\n"
    text += "scores: {all: {kind: csat, from: csat}}\nalerts:\n  - {name: Low, when: csat <= 2}\n"
    text += "tests:\n  - {name: Low, do: [press 1], expect: {answers: {csat: 1}, alerts: [Low]}}\n"
    assert [problem.code for problem in read_survey(text)[1]] == ["E013"]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        # A field that does not fit: the other parts of its step, and all other steps
        (steps(CSAT.replace("1-5", "5-1").replace("How was it?", '"How was {it}?"'), WHY), ["E013", "E052", "E033"]),
        (steps("  - {id: csat, type: ratting, scale: 5-1, ask: '{it}?'}\n"), ["E012", "E013", "E052"]),
        (steps(REASON.replace("key: 1", "key: 11").replace("What was it?", "'{it}?'")), ["E052", "E012"]),
        (steps("  - {type: yes_no, ask: '{it}?'}\n", CSAT, CSAT), ["E011", "E052", "E020"]),
        (steps(CSAT, THANKS, SOLVED) + "alerts:\n  - {name: Low, attach: [cast]}\n", ["E030", "E011", "E023"]),
        # More than one fault in a condition, and none that only follows from another
        (steps(CSAT, optional("cast <= 2 or csat <= 7 or csat == x")), ["E025", "E028", "E025"]),
        (steps(CSAT, optional("cast == no and reasn == wait", REASON)), ["E025", "E025"]),
        # Ways through beside other errors
        (steps(CSAT, optional("cast <= 2"), WHY, THANKS.replace("Thanks.", "'{it}'")), ["E025", "E033", "E052"]),
        (steps(CSAT, optional("csat <= 5"), THANKS.replace("Thanks.", "'{agent}'")), ["E032", "E053"]),
        (steps(CSAT, THANKS.replace("say", "only_if: cast == 1, say"), THANKS.replace("thanks", "bye")), ["E025"]),
        (steps(CSAT.replace("ask:", "jump: [{when: csat == 1, to: by}], ask:"), THANKS, REASON), ["E025"]),
        (steps(AGREE.replace("consent", "konsens"), WHY), ["E012"]),
    ],
)  # fmt: skip
def test_one_problem_hides_no_other_and_makes_none(text, expected):
    assert [problem.code for problem in read_survey(text)[1]] == expected


def test_warnings_are_told_beside_errors():
    text = steps(CSAT.replace("1-5", "5-1").replace("How was it?", "Were we quick and friendly?"), SOLVED)
    assert [problem.code for problem in read_survey(text, advice=True)[1]] == ["W009", "E013", "W005", "W001"]
