"""Scores of one response and of many, with how sure they are."""

import pytest

from ivr.call import Answer
from ivr.survey.reader import load_survey
from reports.scores import definition, mean, measure, nps, response_scores, share

SURVEY = """
ivr_survey: 1
id: short
languages: [en]
steps:
  - {id: csat, type: rating, scale: 1-5, ask: "How satisfied are you?"}
  - {id: wait, type: rating, scale: 1-5, ask: "How annoying was the wait?"}
  - {id: ease, type: effort, ask: "How easy was it?"}
  - {id: solved, type: choice, ask: "Is it solved?", options: [
      {key: 1, code: fully, say: yes}, {key: 2, code: partly, say: in part}, {key: 3, code: open, say: no}]}
  - {id: recommend, type: nps, ask: "Would you recommend us?"}
scores:
  csat: {kind: csat, from: csat, top: [4, 5]}
  two_highest: {kind: csat, from: csat}
  calm: {kind: csat, from: wait, reverse: true}
  level: {kind: csat, from: csat, show: mean}
  nps: {kind: nps, from: recommend}
  effort: {kind: ces, from: ease}
  burden: {kind: ces, from: ease, reverse: true}
  resolved: {kind: fcr, from: solved, yes: [fully, partly]}
  service: {kind: mean, from: [csat, wait]}
  quality: {kind: composite, from: {csat: 3, wait: 1}, at_least: 2, reverse: wait}
"""


def earned(**values):
    return response_scores(load_survey(SURVEY), {step: Answer(value=value) for step, value in values.items()})


@pytest.mark.parametrize(
    ("values", "score", "expected"),
    [
        ({"csat": 4}, "csat", 1),
        ({"csat": 3}, "csat", 0),
        ({"csat": 4}, "two_highest", 1),
        ({"csat": 3}, "two_highest", 0),
        ({"wait": 2}, "calm", 1),
        ({"wait": 3}, "calm", 0),
        ({"csat": 3}, "level", 3),
        ({"recommend": 10}, "nps", 100),
        ({"recommend": 9}, "nps", 100),
        ({"recommend": 8}, "nps", 0),
        ({"recommend": 7}, "nps", 0),
        ({"recommend": 6}, "nps", -100),
        ({"recommend": 0}, "nps", -100),
        ({"ease": 6}, "effort", 6),
        ({"ease": 6}, "burden", 2),
        ({"solved": "partly"}, "resolved", 1),
        ({"solved": "open"}, "resolved", 0),
        ({"csat": 5, "wait": 2}, "service", 3.5),
        ({"csat": 5}, "service", 5),
        ({"csat": 5, "wait": 2}, "quality", (3 * 5 + 4) / 4),
    ],
)
def test_what_a_response_earns(values, score, expected):
    assert earned(**values)[score] == expected


def test_a_score_that_was_not_answered_is_left_out():
    assert earned() == {}
    assert "quality" not in earned(csat=5)


def test_a_missing_answer_is_left_out():
    assert response_scores(load_survey(SURVEY), {"csat": Answer(missing="silence")}) == {}


def test_a_share_has_wilsons_interval():
    found = share([1] * 8 + [0] * 2)  # Newcombe 1998 gives 0.4901 to 0.9433 for 8 of 10
    assert (found.value, found.n) == (80, 10)
    assert found.low == pytest.approx(49.02, abs=0.01)
    assert found.high == pytest.approx(94.33, abs=0.01)


@pytest.mark.parametrize("hits", [[1, 1, 1], [0, 0, 0]])
def test_a_share_stays_between_0_and_100(hits):
    found = share(hits)
    assert 0 <= found.low <= found.value <= found.high <= 100
    assert found.high - found.low > 40


def test_an_nps_has_the_interval_of_its_variance():
    survey = load_survey(SURVEY)
    found = measure(survey.scores["nps"], [100] * 50 + [0] * 30 + [-100] * 20)
    assert (found.value, found.n) == (30, 100)
    assert found.high - found.value == pytest.approx(1.96 * 100 * ((0.5 + 0.2 - 0.3**2) / 99) ** 0.5, abs=0.01)


def test_no_responses_give_no_number():
    assert share([]).value is None
    assert mean([]).value is None
    assert nps([]) is None


def test_one_response_says_nothing_about_others():
    assert mean([4]).low is None


def test_the_nps_of_answers():
    assert nps([10, 9, 8, 0]) == 25


def test_an_nps_answer_off_the_scale_is_refused():
    with pytest.raises(ValueError, match="0-10"):
        nps([11])


@pytest.mark.parametrize(
    ("change", "breaks"),
    [
        (("How satisfied are you?", "How happy are you?"), True),
        (("csat, type: rating, scale: 1-5", "csat, type: rating, scale: 1-7"), True),
        (("top: [4, 5]", "top: [5]"), True),
        (('ask: "How satisfied', 'only_if: context.group == vip, ask: "How satisfied'), True),
        (('ask: "How satisfied', 'wait: {first_key: 9s}, ask: "How satisfied'), False),
        (("Would you recommend us?", "How likely?"), False),
    ],
)
def test_a_score_remembers_what_it_meant(change, breaks):
    before, after = load_survey(SURVEY), load_survey(SURVEY.replace(*change))
    assert (definition(before, "csat") != definition(after, "csat")) is breaks
