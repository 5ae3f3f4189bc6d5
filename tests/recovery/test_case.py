"""Alerts open cases, join them, raise them; and each person is told once, at the right moment."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest

from recovery.case import case_json
from storage import cases
from tests.recovery.callers import FAIR, LOW, PER_CALL, PER_CALLER, WANTS_A_CALL, rule

P2_LADDER = [("opened", "email", "ines"), ("opened", "email", "omar"), ("opened", "webhook", "team")]
P1_LADDER = [("opened", "email", "ines"), ("opened", "sms", "ines")]

# Opening and joining --------------------------------------------------------------------------------


def test_a_rule_that_holds_opens_a_case_with_the_ladder_of_its_severity(desk):
    call = desk.call(group="billing", ticket="88213")
    case = desk.case(desk.matches(call, LOW))
    assert (case.severity, case.state, case.team, case.key) == (
        "P2",
        "new",
        "service-recovery",
        "after-call/ticket/88213",
    )
    assert desk.told("waiting") == P2_LADDER
    assert desk.events(case.number) == ["opened"]


def test_the_same_answer_judged_again_changes_nothing(desk):
    call = desk.call()
    number = desk.matches(call, LOW)
    assert desk.matches(call, LOW) == number
    assert desk.told() == P2_LADDER
    assert desk.events(number) == ["opened"]


def test_a_case_belongs_to_the_team_of_the_callers_group(desk):
    assert desk.case(desk.matches(desk.call(group="leaving"), LOW)).team == "retention"
    assert desk.told() == [("opened", "email", "mara")]


def test_a_rule_may_name_its_team(desk):
    assert desk.case(desk.matches(desk.call(group="billing"), rule(LOW, to="retention"))).team == "retention"


def test_a_rule_that_names_no_team_of_ours_goes_to_the_group_and_is_flagged(desk):
    case = desk.case(desk.matches(desk.call(group="billing"), rule(LOW, to="nobody")))
    assert case.team == "service-recovery"
    assert case.data_problems == ['the alert "Recover this caller" names no team: nobody']


def test_p3_waits_for_the_digest(desk):
    desk.matches(desk.call(), FAIR)
    assert desk.told() == []


def test_p1_without_a_ladder_of_its_own_takes_the_one_of_p2(desk):
    desk.matches(desk.call(group="leaving"), WANTS_A_CALL)
    assert desk.told() == [("opened", "email", "mara")]


@pytest.mark.parametrize("context", [{"ticket": "88213"}, {"call_key": "k-1"}])
def test_a_second_response_about_the_same_contact_joins_the_open_case(desk, context):
    first, second = desk.call(**context), desk.call(**context)
    number = desk.matches(first, LOW)
    assert desk.matches(second, LOW) == number
    assert desk.events(number) == ["opened", "attached"]


def test_without_ticket_or_key_every_call_has_a_case_of_its_own(desk):
    assert desk.matches(desk.call(), LOW) != desk.matches(desk.call(), LOW)


def test_per_call_opens_a_case_for_every_call(desk):
    rules = rule(LOW, once=PER_CALL)
    assert desk.matches(desk.call(ticket="1"), rules) != desk.matches(desk.call(ticket="1"), rules)


def test_per_caller_joins_within_its_hours_and_opens_anew_after_them(desk, now):
    rules = rule(LOW, once=PER_CALLER)
    number = desk.matches(desk.call(), rules)
    assert desk.matches(desk.call(), rules, at=now + timedelta(hours=23)) == number
    later = desk.matches(desk.call(), rules, at=now + timedelta(hours=24))
    assert later != number
    assert desk.case(number).closed_at is None
    assert desk.matches(desk.call(), rules, at=now + timedelta(hours=25)) == later


def test_callers_who_withhold_their_number_are_not_taken_for_one(desk):
    rules = rule(LOW, once=PER_CALLER)
    assert desk.matches(desk.call(number=None), rules) != desk.matches(desk.call(number=None), rules)


def test_a_closed_case_is_not_joined(desk, now):
    number = desk.matches(desk.call(ticket="1"), LOW)
    with desk.database.transaction() as db:
        cases.lock(db, number).closed_at = now
    assert desk.matches(desk.call(ticket="1"), LOW) != number


def test_all_alerts_of_one_call_lead_to_one_case(desk):
    call = desk.call(ticket="1")
    assert desk.matches(call, rule(LOW, once=PER_CALL)) == desk.matches(call, LOW, WANTS_A_CALL)


def test_many_calls_about_one_ticket_at_the_same_moment_open_one_case(desk):
    calls = [desk.call(ticket="88213") for _ in range(8)]
    with ThreadPoolExecutor(8) as threads:
        numbers = set(threads.map(lambda call: desk.matches(call, LOW), calls))
    [number] = numbers
    assert sorted(desk.events(number)) == ["attached"] * 7 + ["opened"]
    assert desk.told().count(("opened", "email", "ines")) == 1
    assert desk.told().count(("joined", "email", "ines")) == 7


# The caller's wish ----------------------------------------------------------------------------------


def test_the_case_knows_whether_the_caller_may_be_called(desk):
    call = desk.call()
    number = desk.matches(call, LOW)
    assert desk.case(number).calling == "not_asked"
    desk.matches(call, LOW, calling="refused")
    assert desk.case(number).calling == "refused"
    desk.matches(desk.call(), LOW)
    assert desk.events(number) == ["opened", "calling"]


def test_a_later_call_that_was_asked_nothing_takes_no_wish_back(desk):
    number = desk.matches(desk.call(ticket="1"), LOW, calling="refused")
    desk.matches(desk.call(ticket="1"), LOW)
    assert desk.case(number).calling == "refused"


# Severity -------------------------------------------------------------------------------------------


def test_severity_that_rises_before_the_mail_left_gives_each_person_one_mail(desk):
    call = desk.call()
    number = desk.matches(call, LOW)
    desk.matches(call, LOW, WANTS_A_CALL, calling="allowed")
    assert desk.case(number).severity == "P1"
    # Omar is not on the higher ladder, so that what he was to be told stays; the webhook likewise.
    assert desk.told("waiting") == sorted([*P1_LADDER, ("opened", "email", "omar"), ("opened", "webhook", "team")])
    assert desk.told("superseded") == [("opened", "email", "ines")]


def test_severity_that_rises_after_the_mail_left_starts_the_higher_ladder(desk):
    call = desk.call()
    number = desk.matches(call, LOW)
    desk.accepted()
    desk.matches(call, LOW, WANTS_A_CALL)
    assert desk.told("waiting") == [("opened", "sms", "ines"), ("raised", "email", "ines")]
    assert desk.events(number) == ["opened", "severity_raised"]


def test_severity_never_falls(desk):
    call = desk.call()
    number = desk.matches(call, WANTS_A_CALL)
    desk.matches(call, WANTS_A_CALL, LOW)
    assert desk.case(number).severity == "P1"


def test_a_case_that_nobody_was_told_of_is_news_when_its_severity_rises(desk):
    call = desk.call()
    desk.matches(call, FAIR)
    desk.matches(call, FAIR, WANTS_A_CALL)
    assert desk.told() == P1_LADDER


def test_a_more_urgent_rule_that_names_its_team_takes_the_case_there(desk):
    call = desk.call()
    number = desk.matches(call, LOW)
    desk.matches(call, LOW, rule(WANTS_A_CALL, to="retention"))
    assert desk.case(number).team == "retention"
    assert desk.events(number) == ["opened", "severity_raised", "moved"]
    assert ("opened", "email", "mara") in desk.told("waiting")


def test_a_response_that_joins_is_mailed_in_the_thread_and_pages_nobody(desk):
    desk.matches(desk.call(ticket="1"), WANTS_A_CALL)
    desk.accepted()
    desk.matches(desk.call(ticket="1"), LOW)
    assert desk.told("waiting") == [("joined", "email", "ines")]


def test_a_response_that_joins_with_a_higher_severity_pages_again(desk):
    desk.matches(desk.call(ticket="1"), LOW)
    desk.accepted()
    desk.matches(desk.call(ticket="1"), WANTS_A_CALL)
    assert desk.told("waiting") == [("opened", "sms", "ines"), ("raised", "email", "ines")]


def test_a_more_urgent_response_replaces_no_mail_about_another_response(desk):
    desk.matches(desk.call(ticket="1"), LOW)
    desk.matches(desk.call(ticket="1"), WANTS_A_CALL)
    assert desk.told("waiting").count(("opened", "email", "ines")) == 1
    assert ("raised", "email", "ines") in desk.told("waiting")
    assert desk.told("superseded") == []


def test_a_further_rule_at_the_same_severity_goes_along_with_the_mail_that_has_not_left(desk):
    call = desk.call()
    desk.matches(call, LOW)
    desk.matches(call, LOW, rule(LOW, name="Says it is not solved"))
    assert desk.told() == P2_LADDER


def test_a_further_rule_at_the_same_severity_follows_the_mail_that_has_left(desk):
    call = desk.call()
    desk.matches(call, LOW)
    desk.accepted()
    desk.matches(call, LOW, rule(LOW, name="Says it is not solved"))
    assert desk.told("waiting") == [
        ("joined", "email", "ines"),
        ("joined", "email", "omar"),
        ("joined", "webhook", "team"),
    ]


# When it leaves -------------------------------------------------------------------------------------


def due_times(desk):
    return set(desk.due().values())


def test_a_message_waits_while_the_caller_is_on_the_line(desk):
    call = desk.call()
    desk.matches(call, LOW)
    assert due_times(desk) == {None}
    desk.verbatim(call, "recording")
    desk.news(call)
    assert due_times(desk) == {None}


def test_a_message_leaves_when_its_audio_is_ready_though_the_caller_is_still_on_the_line(desk, now):
    call = desk.call()
    desk.matches(call, LOW)
    desk.verbatim(call, "stored")
    desk.news(call, at=now + timedelta(seconds=40))
    assert due_times(desk) == {now + timedelta(seconds=40)}


def test_a_rule_that_holds_after_the_audio_is_ready_is_told_at_once(desk, now):
    call = desk.call()
    desk.verbatim(call, "stored")
    desk.matches(call, LOW)
    assert due_times(desk) == {now}


@pytest.mark.parametrize("status", ["absent", "failed", "deleted"])
def test_a_message_leaves_at_the_end_of_the_call_where_no_recording_can_come(desk, now, status):
    call = desk.call()
    desk.matches(call, LOW)
    desk.verbatim(call, status)
    desk.news(call)
    assert due_times(desk) == {None}
    desk.ends(call, at=now + timedelta(seconds=60))
    assert due_times(desk) == {now + timedelta(seconds=60)}


def test_a_message_leaves_at_the_end_of_the_call_where_nothing_was_asked(desk, now):
    call = desk.call()
    desk.matches(call, LOW)
    desk.ends(call)
    assert due_times(desk) == {now}


def test_a_rule_that_attaches_nothing_waits_for_the_end_of_the_call(desk, now):
    call = desk.call()
    desk.matches(call, WANTS_A_CALL)
    assert due_times(desk) == {None}
    desk.ends(call)
    assert due_times(desk) == {now}


@pytest.mark.parametrize("status", ["recording", "awaited"])
def test_a_message_is_due_18_seconds_after_the_end_so_that_it_has_left_by_second_20(desk, now, status):
    call = desk.call()
    desk.matches(call, LOW)
    desk.verbatim(call, status)
    desk.ends(call)
    assert due_times(desk) == {now + timedelta(seconds=18)}


def test_audio_that_comes_within_those_seconds_sends_the_message_off(desk, now):
    call = desk.call()
    desk.matches(call, LOW)
    desk.verbatim(call, "awaited")
    desk.ends(call)
    desk.verbatim(call, "stored")
    desk.news(call, at=now + timedelta(seconds=3))
    assert due_times(desk) == {now + timedelta(seconds=3)}


def test_a_rule_that_holds_at_the_hang_up_is_told_as_well(desk, now):
    call = desk.call()
    desk.ends(call)
    desk.matches(call, LOW, at=now + timedelta(seconds=1))
    assert due_times(desk) == {now + timedelta(seconds=1)}


def test_a_message_waits_for_every_verbatim_that_any_of_its_rules_attaches(desk, now):
    call = desk.call()
    desk.matches(call, LOW, rule(WANTS_A_CALL, attach=("praise",)))
    desk.verbatim(call, "stored", "why")
    desk.news(call)
    assert due_times(desk) == {None}
    desk.verbatim(call, "stored", "praise")
    desk.news(call)
    assert due_times(desk) == {now}


def test_a_message_that_the_caller_may_still_delete_is_not_sent(desk, now):
    call = desk.call()
    desk.matches(call, LOW)
    desk.verbatim(call, "stored")
    desk.is_at(call, "why", "review")
    desk.news(call)
    assert due_times(desk) == {None}
    desk.is_at(call, "call_me", "ask")
    desk.news(call)
    assert due_times(desk) == {now}


def test_a_caller_who_hangs_up_at_the_review_has_kept_the_message(desk, now):
    call = desk.call()
    desk.matches(call, LOW)
    desk.verbatim(call, "stored")
    desk.is_at(call, "why", "review")
    desk.ends(call)
    assert due_times(desk) == {now}


# What follows ---------------------------------------------------------------------------------------


def test_audio_that_comes_after_the_mail_follows_once(desk, now):
    call = desk.call()
    desk.matches(call, LOW)
    verbatim = desk.verbatim(call, "awaited")
    desk.ends(call)
    desk.accepted()
    desk.verbatim(call, "stored")
    desk.news(call)
    desk.news(call)
    assert desk.due() == {
        ("audio", "email", "ines"): now,
        ("audio", "email", "omar"): now,
        ("audio", "webhook", "team"): now,
    }
    desk.accepted(carrying=[verbatim])
    desk.news(call)
    assert desk.due() == {}


def test_a_mail_not_yet_accepted_takes_the_audio_along_and_nothing_follows(desk):
    call = desk.call()
    desk.matches(call, LOW)
    verbatim = desk.verbatim(call, "awaited")
    desk.ends(call)
    desk.verbatim(call, "stored")
    desk.news(call)
    desk.accepted(carrying=[verbatim])
    desk.news(call)
    assert desk.told() == P2_LADDER


def test_an_sms_is_followed_by_nothing(desk):
    call = desk.call()
    desk.matches(call, rule(WANTS_A_CALL, attach=("why",)))
    desk.verbatim(call, "awaited")
    desk.ends(call)
    desk.accepted()
    desk.verbatim(call, "stored")
    desk.news(call)
    assert list(desk.due()) == [("audio", "email", "ines")]


def test_news_of_a_call_without_a_case_changes_nothing(desk):
    desk.news(desk.call())
    assert desk.told() == []


# What others see ------------------------------------------------------------------------------------


def test_the_case_as_other_programs_see_it(desk):
    call = desk.call(ticket="88213", customer_name="Nora Lind")
    number = desk.matches(call, LOW, WANTS_A_CALL, calling="allowed")
    with desk.database.reading() as db:
        case = cases.find(db, number)
        masked = case_json(db, case, False, "https://survey.example")
        whole = case_json(db, case, True, "https://survey.example")
    assert masked == {
        "number": number,
        "url": f"https://survey.example/cases/{number}",
        "state": "new",
        "severity": "P1",
        "team": "service-recovery",
        "owner": None,
        "opened_at": "2026-11-21T10:00:00Z",
        "promise_at": None,
        "triggers": ["Recover this caller", "Wants a call"],
        "call_sid": call,
        "ticket": "88213",
        "caller": {"name": "Nora Lind", "number": "+1202…0199"},
        "calling": "allowed",
        "outcome": None,
        "clocks": [],
        "attempts": [],
        "notes": [],
        "data_problems": [],
        "proposals": [],
    }
    assert whole["caller"] == {"name": "Nora Lind", "number": "+12025550199"}
