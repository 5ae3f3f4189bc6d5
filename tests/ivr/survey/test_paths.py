"""Paths and their lengths: worst is the longest path with whole recordings, typical the median one."""

from pathlib import Path

import pytest

from ivr.survey.flow import Flow, TooMany
from ivr.survey.lengths import prompt_s, said_s
from ivr.survey.paths import Paths
from ivr.survey.reader import load_survey
from ivr.survey.sounds import Sound
from ivr.survey.telling import told_path

HOUSE = Path(__file__).parents[3]
HEAD = "ivr_survey: 1\nid: short\nlanguages: [en]\nspeech: {en: 1}\n"  # a word a second
AGREE = "  - {id: agree, type: consent, ask: May we ask, keys: {1: continue}}\n"
CSAT = "  - {id: csat, type: rating, scale: 1-5, ask: How was it?}\n"
SOLVED = "  - {id: solved, type: yes_no, only_if: csat <= 2, ask: Solved?}\n"
WHY = "  - {id: why, type: voice, only_if: csat <= 2, max: 90s, ask: Tell us.}\n"
THANKS = "  - {id: thanks, type: end, say: Bye.}\n"


def paths(*steps: str, sounds=None, head=HEAD) -> Paths:
    return Paths(load_survey(head + "steps:\n" + "".join(steps)), sounds)


def told(found: Paths) -> list[str]:
    return [told_path(found.survey, path) for path in found]


def test_the_paths_of_the_example():
    example = Paths(load_survey((HOUSE / "flows" / "after-call.yaml").read_text(encoding="utf-8")))
    assert told(example) == [
        "hello → csat (1-2, read back) → solved → reason → why → call_me → thanks",
        "hello → csat (3-5) → solved (yes) → recommend → thanks",
        "hello → csat (3-5) → solved (no) → reason → recommend → why → call_me → thanks",
    ]
    assert example.most_questions == 6


def test_answers_that_lead_to_the_same_prompts_are_one_path():
    assert told(paths(CSAT, SOLVED, THANKS)) == ["csat (1-2) → solved → thanks", "csat (3-5) → thanks"]


def test_a_key_for_not_knowing_is_a_way_of_its_own():
    csat = CSAT.replace("ask:", "dont_know: 9, ask:")
    assert told(paths(csat, SOLVED, THANKS))[1] == "csat (3-5, or no answer) → thanks"


def test_a_value_that_is_worked_out_tells_the_paths_apart():
    sad = "  - {id: sad, type: set, value: csat <= 2}\n"
    sorry = "  - {id: sorry, type: say, only_if: sad == true, say: Sorry.}\n"
    ease = "  - {id: ease, type: effort, ask: Easy?}\n"
    assert told(paths(CSAT, sad, ease, sorry, THANKS)) == [
        "csat → ease → sorry (heard if sad is true) → thanks",
        "csat → ease → thanks",
    ]


def test_a_jump_is_a_way_of_its_own():
    jump = CSAT.replace("ask:", "jump: [{when: csat == 5, to: thanks}], ask:")
    assert told(paths(jump, "  - {id: ease, type: effort, ask: Easy?}\n", THANKS)) == [
        "csat (1-4) → ease → thanks",
        "csat (5) → thanks",
    ]


def test_a_block_asks_each_choice_of_its_steps():
    inside = ", ".join(f"{{id: q{n}, type: yes_no, ask: Well?}}" for n in range(3))
    block = f"  - {{id: some, type: block, ask: 2 of 3, steps: [{inside}]}}\n"
    assert sorted(told(paths(block, THANKS))) == ["q0 → q1 → thanks", "q0 → q2 → thanks", "q1 → q2 → thanks"]


def test_lengths_are_words_and_recordings():
    found = paths(AGREE, CSAT, WHY, THANKS)
    assert found.worst_s("en") == 3 + 3 + 2 + 90 + 1
    assert found.typical_s("en") == min(3 + 3 + 2 + 20 + 1, 3 + 3 + 1)
    assert [found.length_s(path, "en") for path in found] == [99, 7]


def test_a_read_back_takes_its_time():
    plain, read_back = paths(CSAT, THANKS), paths(CSAT.replace("ask:", "confirm_if: csat <= 2, ask:"), THANKS)
    words = 13  # You answered 1. To keep it, press 1. To change it, press 2.
    assert read_back.worst_s("en") - plain.worst_s("en") == words


def test_a_survey_without_an_ending_says_goodbye():
    assert paths(CSAT).worst_s("en") == 3 + 3


def test_audio_counts_as_measured():
    thanks = THANKS.replace("Bye.", "{en: {text: Bye., audio: bye.wav}}")
    assert paths(CSAT, thanks, sounds={"bye.wav": Sound(12.5)}).worst_s("en") == 3 + 12.5


def test_the_keys_after_a_legal_prompt_are_counted_in_the_call_and_not_in_the_prompt():
    survey = load_survey(HEAD + "steps:\n" + AGREE.replace("ask:", "legal: true, ask:"))
    agree = survey.step("agree")
    repeated = 5  # To go on, press 1.
    assert said_s(survey, agree, "en") == 3 + repeated
    assert prompt_s(survey, agree, "en") == max(3, repeated)


def test_many_paths_are_counted_without_going_through_each():
    steps = [
        CSAT.replace("csat", f"q{n}") + SOLVED.replace("solved", f"s{n}").replace("csat", f"q{n}") for n in range(30)
    ]
    found = paths(*steps, THANKS)
    assert found.count == 2**30
    assert found.worst_s("en") == 30 * 4 + 1


def test_what_cannot_be_tried_says_so():
    steps = [CSAT.replace("csat", f"q{n}") for n in range(12)]
    tied = SOLVED.replace("csat <= 2", " or ".join(f"q{n} == q{n + 1}" for n in range(11)))
    survey = load_survey(HEAD + "steps:\n" + "".join(steps) + tied)
    with pytest.raises(TooMany):
        list(Flow(survey).walk())
    with pytest.raises(TooMany):
        Paths(survey)
