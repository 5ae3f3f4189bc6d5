"""An alert in words, as values."""

from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from alerts.answers import headline, in_words, resolved, tidy
from alerts.facts import Answered, Told
from alerts.message import ago, compose, length, render_text, subject
from alerts.phrases import PHRASES
from ivr.survey.reader import load_survey
from tests.alerts.post import AFTER_CALL
from tests.alerts.test_sms import FACTS, NOW

FLOWS = Path(__file__).parents[2] / "flows"

# The subject ----------------------------------------------------------------------------------------


def test_the_subject_is_as_promised():
    assert subject(FACTS) == "[P1] 1 of 5, not resolved, wants a call - case 4821"


def test_a_promised_time_stands_in_the_subject_in_the_teams_own_time():
    promised = replace(FACTS, promise_at=NOW + timedelta(hours=9, minutes=15), zone=ZoneInfo("America/New_York"))
    assert subject(promised) == "[P1] 1 of 5, not resolved, wants a call by 14:15 - case 4821"


@pytest.mark.parametrize("calling", ["refused", "not_asked"])
def test_a_call_that_nobody_asked_for_is_not_in_the_subject(calling):
    assert subject(replace(FACTS, calling=calling, severity="P2")) == "[P2] 1 of 5, not resolved - case 4821"


def test_where_no_answer_says_it_the_rule_does():
    silent = replace(FACTS, headline=None, resolved=None, calling="not_asked")
    assert subject(silent) == "[P1] Wants a call - case 4821"


# The body -------------------------------------------------------------------------------------------


def test_the_body_says_who_else_was_told():
    told = (Told("Omar Haddad", "email"), Told("Omar Haddad", "sms"), Told(None, "webhook"))
    text = render_text(compose(replace(FACTS, told=told)))
    assert "Also told: Omar Haddad by mail; Omar Haddad by SMS; the team's webhook." in text


@pytest.mark.parametrize(
    ("calling", "told"),
    [("refused", "do not call"), ("not_asked", "Was not asked about being called back; calling is allowed.")],
)
def test_the_body_says_whether_the_caller_may_be_called(calling, told):
    assert told in render_text(compose(replace(FACTS, calling=calling)))


def test_what_is_odd_about_the_data_is_told():
    assert "agent is missing" in render_text(compose(replace(FACTS, data_problems=("agent is missing",))))


def test_an_agent_whom_nobody_named_is_unknown_and_a_number_may_be_withheld():
    text = render_text(compose(replace(FACTS, context={}, caller_number=None)))
    assert "Agent   unknown" in text
    assert "Caller  number withheld" in text


@pytest.mark.parametrize(
    ("span", "told"),
    [
        (timedelta(seconds=-3), "0 s ago"),
        (timedelta(seconds=20), "20 s ago"),
        (timedelta(seconds=119), "119 s ago"),
        (timedelta(minutes=4), "4 min ago"),
        (timedelta(hours=3), "3 h ago"),
        (timedelta(days=2), "2 days ago"),
    ],
)
def test_every_alert_tells_its_own_age(span, told):
    assert ago(NOW - span, NOW, "en") == told


def test_lengths_are_minutes_and_seconds():
    assert [length(seconds) for seconds in (4.4, 41.2, 125, None)] == ["0:04", "0:41", "2:05", "?"]


def test_every_phrase_is_there_in_every_language_with_the_same_values():
    from string import Formatter

    for key, words in PHRASES.items():
        assert set(words) == {"en", "es"}, key
        values = {frozenset(name for _, name, _, _ in Formatter().parse(text) if name) for text in words.values()}
        assert len(values) == 1, key


# Answers --------------------------------------------------------------------------------------------

VALUES = {"csat": 1, "solved": "no", "reason": "wait", "recommend": 0, "call_me": "yes"}


def test_answers_are_told_in_the_order_of_the_survey_and_in_words():
    assert list(in_words(AFTER_CALL, VALUES, "en")) == [
        Answered("Satisfaction", "1", 5, "very dissatisfied"),
        Answered("Resolved", "no"),
        Answered("Reason chosen", "the waiting time", meaning="wait"),
        Answered("Would recommend", "0", 10),
        Answered("Call back", "yes"),
    ]


@pytest.mark.parametrize(("language", "told"), [("en", "answered, and not kept"), ("es", "respondido, y no se guarda")])
def test_that_a_sensitive_question_was_answered_is_told_in_the_readers_language(language, told):
    written = (FLOWS / "after-call.yaml").read_text(encoding="utf-8")
    survey = load_survey(written.replace("type: choice", "type: choice\n    sensitive: true"))
    [answer] = in_words(survey, {"reason": "withheld"}, language)
    assert (answer.value, answer.meaning) == (told, None)


def test_the_headline_is_the_score_that_the_matched_rules_look_at():
    assert headline(AFTER_CALL, VALUES, ["Recover this caller"], "en") == Answered(
        "Satisfaction", "1", 5, "very dissatisfied"
    )
    assert headline(AFTER_CALL, {"recommend": 2}, ["Wants a call"], "en") == Answered("Would recommend", "2", 10)
    assert headline(AFTER_CALL, {"solved": "no"}, ["Recover this caller"], "en") is None


@pytest.mark.parametrize(("values", "known"), [({"solved": "no"}, False), ({"solved": "yes"}, True), ({}, None)])
def test_whether_it_was_resolved_is_known_by_the_surveys_score(values, known):
    assert resolved(AFTER_CALL, values) is known


def test_a_survey_that_cannot_be_read_any_more_costs_no_answer():
    assert list(in_words(None, {"call_me": "yes"}, "en")) == [Answered("Call me", "yes")]
    assert headline(None, VALUES, [], "en") is None
    assert resolved(None, VALUES) is None


def test_what_came_from_outside_is_one_line_and_ends():
    assert tidy("a\r\n\tb\x00\x1b[31m") == "a b [31m"
    assert len(tidy("x" * 1000)) == 200
