"""Who is told first, and which rules hold."""

from dataclasses import replace
from datetime import timedelta

import pytest

from alerts.channels import CHANNELS
from alerts.check import read_teams
from alerts.escalation import Destination, first_told, when_due
from alerts.rules import judge
from alerts.teams import PERSONAL, SENT_NOW
from tests.alerts.post import AFTER_CALL
from tests.alerts.test_teams import HARBOR

HARBOR_TEAMS, _ = read_teams(HARBOR)
SERVICE_RECOVERY, NIGHT = HARBOR_TEAMS.teams
INES_MAIL = Destination("email", "ines", "ines@harbor.example", "service-recovery")
OMAR_MAIL = Destination("email", "omar", "omar@harbor.example", "service-recovery")


def test_every_way_that_is_sent_now_has_its_channel():
    assert set(SENT_NOW) == set(CHANNELS)
    assert set(PERSONAL) - set(SENT_NOW) == {"call"}


def test_the_first_step_tells_each_person_by_each_way_and_the_team_once():
    assert first_told(HARBOR_TEAMS, SERVICE_RECOVERY, "P1") == (
        INES_MAIL,
        Destination("sms", "ines", "+12025550111", "service-recovery"),
        OMAR_MAIL,
        Destination("sms", "omar", "+12025550112", "service-recovery"),
    )
    assert first_told(HARBOR_TEAMS, SERVICE_RECOVERY, "P2") == (
        INES_MAIL,
        OMAR_MAIL,
        Destination("webhook", None, "https://crm.harbor.example/hooks/recovery", "service-recovery"),
    )


def test_a_team_without_a_ladder_is_told_by_mail():
    at_night = (replace(OMAR_MAIL, team="night"),)
    assert first_told(HARBOR_TEAMS, NIGHT, "P1") == first_told(HARBOR_TEAMS, NIGHT, "P2") == at_night


def test_p3_is_told_to_nobody_unless_it_has_steps():
    assert first_told(HARBOR_TEAMS, SERVICE_RECOVERY, "P3") == ()
    text = HARBOR.replace("      P2:", "      P3:\n        - {after: 0min, to: [omar], by: [email]}\n      P2:")
    with_steps, _ = read_teams(text)
    assert first_told(with_steps, with_steps.teams[0], "P3") == (OMAR_MAIL,)


def test_a_person_named_twice_is_told_once():
    twice, _ = read_teams(HARBOR.replace("to: [lead, also], by: [email, sms]", "to: [lead, ines], by: [email, email]"))
    assert first_told(twice, twice.teams[0], "P1") == (INES_MAIL,)


@pytest.mark.parametrize("ended", [True, False])
def test_a_message_is_due_by_its_audio_and_the_end_of_the_call(now, ended):
    end = now if ended else None
    last = now + timedelta(seconds=18) if ended else None
    assert when_due(["stored", "stored"], end, now) == now
    assert when_due(["stored", "absent"], end, now) == now
    assert when_due(["stored", "awaited"], end, now) == last
    assert when_due(["recording"], end, now) == last
    assert when_due(["stored", None], end, now) == end
    assert when_due(["absent"], end, now) == end
    assert when_due([None], end, now) == end
    assert when_due([], end, now) == end


def test_news_that_comes_long_after_the_end_is_due_at_once(now):
    assert when_due(["awaited"], now - timedelta(minutes=5), now) == now


@pytest.mark.parametrize(
    ("answers", "names"),
    [
        ({"csat": 2}, ["Recover this caller"]),
        ({"csat": 3}, []),
        ({"csat": 3, "solved": "no"}, ["Recover this caller"]),
        ({"csat": 5, "solved": "yes"}, []),
        ({"csat": 1, "call_me": "yes"}, ["Recover this caller", "Wants a call"]),
        ({}, []),
    ],
)
def test_a_rule_holds_only_when_it_is_surely_true(answers, names):
    assert [rule.name for rule in judge(AFTER_CALL, answers)] == names
