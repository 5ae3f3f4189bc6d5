"""The alert webhook: signed, retried, small, and silent once it was told to be."""

import hashlib
import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import update
from standardwebhooks import Webhook as Verifier

from storage.models import Delivery
from storage.outbox import Again, GaveUp
from tests.alerts.post import MP3, SECRET, open_office
from tests.recovery.callers import LOW, WANTS_A_CALL, rule


def events(receiver):
    return [json.loads(body) for _, body in receiver.requests]


def types(receiver):
    return [event["type"] for event in events(receiver)]


def low(office, **context):
    call = office.desk.call(ticket="88213", group="billing", **context)
    office.answers(call, csat=1, solved="no")
    office.desk.matches(call, LOW)
    return call


@pytest.fixture
def spoken(office):
    """A call whose audio is ready before anything was sent."""
    call = low(office)
    verbatim = office.speaks(call)
    office.desk.news(call)
    return call, verbatim


def test_it_is_signed_as_standard_webhooks_say(desk, tmp_path, receiver):
    office = open_office(desk, tmp_path)
    office.clock["now"] = datetime.now(UTC)  # the library refuses what is older than five minutes
    office.desk.ends(low(office), at=office.now)
    office.sends_everything()
    [(headers, body)] = receiver.requests
    assert headers["content-type"] == "application/json"
    assert Verifier(SECRET).verify(body, dict(headers))["type"] == "recovery.case.opened"


def test_it_tells_of_the_case_as_the_api_does_and_where_the_audio_is(office, spoken, receiver):
    office.sends_everything()
    [event] = events(receiver)
    assert (event["type"], event["timestamp"]) == ("recovery.case.opened", "2026-11-21T10:00:00Z")
    case, audio = event["data"]["case"], event["data"]["audio"]
    assert (case["number"], case["severity"], case["triggers"]) == (1, "P2", ["Recover this caller"])
    assert case["url"] == "https://survey.example/cases/1"
    assert case["caller"] == {"name": None, "number": "+1202…0199"}
    assert audio.pop("url").startswith("https://survey.example/recordings/1.mp3?key=")
    assert audio == {
        "expires_at": "2026-11-28T10:00:00Z",
        "sha256": hashlib.sha256(MP3).hexdigest(),
        "seconds": 41.2,
        "bytes": len(MP3),
        "mime": "audio/mpeg",
    }
    assert event["data"]["transcript"] == {"text": None, "status": "queued"}


def test_it_names_the_copy_that_its_link_plays(office, spoken, receiver):
    call, _ = spoken
    office.desk.verbatim(call, "stored", redacted_key="r.mp3", redacted_sha256="of the copy", redacted_size_bytes=7)
    office.sends_everything()
    audio = events(receiver)[0]["data"]["audio"]
    assert (audio["sha256"], audio["bytes"]) == ("of the copy", 7)


def test_audio_that_is_late_follows_as_an_event_of_its_own(office, receiver):
    call = low(office)
    office.desk.verbatim(call, "awaited")
    office.desk.ends(call)
    office.later(seconds=20)
    office.sends_everything()
    office.speaks(call)
    office.desk.news(call, at=office.now)
    office.sends_everything()
    assert types(receiver) == ["recovery.case.opened", "recovery.audio.ready"]
    assert events(receiver)[0]["data"]["audio"] is None
    assert events(receiver)[1]["data"]["audio"]["bytes"] == len(MP3)


def test_a_second_recording_is_an_event_of_its_own(office, receiver):
    call = office.desk.call(ticket="1")
    office.desk.matches(call, rule(LOW, attach=("why", "praise")))
    office.speaks(call, "why")
    office.speaks(call, "praise", audio=MP3 + b"!")
    office.desk.news(call)
    office.sends_everything()
    office.later(seconds=1)
    office.sends_everything()
    assert types(receiver) == ["recovery.case.opened", "recovery.audio.ready"]
    assert [event["data"]["audio"]["bytes"] for event in events(receiver)] == [len(MP3), len(MP3) + 1]


def test_a_transcript_announces_the_redacted_copy_that_came_with_it(office, spoken, receiver):
    call, verbatim = spoken
    office.sends_everything()
    office.desk.verbatim(call, "stored", redacted_key="r.mp3", redacted_sha256="of the copy", redacted_size_bytes=7)
    office.is_written_down(verbatim)
    office.later(seconds=9)
    office.sends_everything()
    whole, copy = (event["data"]["audio"] for event in events(receiver))
    assert types(receiver) == ["recovery.case.opened", "recovery.transcript.ready"]
    assert (whole["sha256"], copy["sha256"]) == (hashlib.sha256(MP3).hexdigest(), "of the copy")
    assert (whole["bytes"], copy["bytes"]) == (len(MP3), 7)


def test_a_transcript_that_is_late_follows_once(office, spoken, receiver):
    call, verbatim = spoken
    office.sends_everything()
    office.later(seconds=9)
    office.is_written_down(verbatim)
    office.sends_everything()
    office.desk.news(call, at=office.now)
    office.sends_everything()
    assert types(receiver) == ["recovery.case.opened", "recovery.transcript.ready"]
    assert events(receiver)[1]["data"]["transcript"] == {"text": "I was cut off twice.", "status": "ready"}


def test_a_transcript_that_is_ready_in_time_goes_along(office, spoken, receiver):
    office.is_written_down(spoken[1])
    office.sends_everything()
    assert types(receiver) == ["recovery.case.opened"]
    assert events(receiver)[0]["data"]["transcript"]["text"] == "I was cut off twice."


def test_a_transcript_of_a_call_without_a_case_is_told_to_nobody(office, receiver):
    call = office.desk.call()
    office.is_written_down(office.speaks(call))
    office.sends_everything()
    assert receiver.requests == []


def test_a_response_that_joins_is_told(office, receiver):
    for _ in range(2):
        office.desk.ends(low(office))
        office.sends_everything()
    assert types(receiver) == ["recovery.case.opened", "recovery.case.attached"]


def test_a_case_that_becomes_more_urgent_is_told_where_the_ladder_says_so(office, receiver):
    team, *rest = office.desk.teams.teams
    ladder = {**team.escalation, "P1": team.escalation["P2"]}
    office.desk.teams = replace(office.desk.teams, teams=(replace(team, escalation=ladder), *rest))
    call = low(office)
    office.desk.ends(call)
    office.sends_everything()
    office.desk.matches(call, LOW, WANTS_A_CALL)
    office.sends_everything()
    assert types(receiver) == ["recovery.case.opened", "recovery.case.severity_raised"]


def test_the_body_stays_under_20_kb_however_much_was_said(office, spoken, receiver):
    office.is_written_down(spoken[1], text="¡" * 100_000)
    office.context(spoken[0], customer_name="x" * 30_000)
    office.sends_everything()
    [(_, body)] = receiver.requests
    assert len(body) < 20_000
    assert json.loads(body)["data"]["case"]["number"] == 1


# When it fails --------------------------------------------------------------------------------------


def test_it_keeps_its_id_over_all_tries(office, spoken, receiver):
    receiver.answers = [(500, {}), (302, {"Location": "http://127.0.0.1:9/"}), (200, {})]
    for _ in range(3):
        office.sends_everything()
        office.later(seconds=15)
    ids = [headers["webhook-id"] for headers, _ in receiver.requests]
    assert len(ids) == 3
    assert len(set(ids)) == 1
    delivery = office.delivery(channel="webhook")
    assert delivery.state == "accepted"
    assert [each.error for each in office.tries(delivery)] == [
        "the receiver answered 500",
        "the receiver answered 302",
        None,
    ]


def test_it_waits_as_long_as_the_receiver_asks(office, spoken, receiver):
    receiver.answers = [(503, {"Retry-After": "600"})]
    [again] = [outcome for outcome in office.sends_everything() if isinstance(outcome, Again)]
    assert again.at == office.now + timedelta(seconds=600)


def test_it_is_given_up_after_three_days_and_stands_as_failed(office, spoken, receiver):
    receiver.answers = [(500, {})]
    office.later(days=3)
    assert any(isinstance(outcome, GaveUp) for outcome in office.sends_everything())
    assert office.delivery(channel="webhook").state == "failed"


def test_a_receiver_that_answers_410_is_left_alone_from_then_on(office, spoken, receiver):
    receiver.answers = [(410, {})]
    office.sends_everything()
    assert office.delivery(channel="webhook").state == "failed"
    office.later(minutes=1)
    office.desk.ends(low(office))
    office.sends_everything()
    assert len(receiver.requests) == 1
    assert office.delivery(channel="webhook", wave="joined").error == "switched off: this address answered 410 before"


def test_a_receiver_that_is_not_there_is_tried_again(office, spoken):
    with office.desk.database.transaction() as db:
        db.execute(update(Delivery).where(Delivery.channel == "webhook").values(address="http://127.0.0.1:9/hook"))
    assert any(isinstance(outcome, Again) for outcome in office.sends_everything())
    assert office.delivery(channel="webhook").error == "the receiver cannot be reached: ConnectError"


ODD_SECRETS = [
    ({}, "HOOK_SECRET is not set"),
    ({"HOOK_SECRET": "whsec_a"}, "the secret is not whsec_ and 24 to 64 bytes in base64"),
]


@pytest.mark.parametrize(("environment", "told"), ODD_SECRETS)
def test_a_secret_that_is_missing_or_odd_is_named_and_waited_for(desk, tmp_path, receiver, environment, told):
    office = open_office(desk, tmp_path, environment=environment)
    office.desk.ends(low(office))
    office.sends_everything()
    assert office.delivery(channel="webhook").error == told
    assert office.delivery(channel="webhook").state == "pending"
    assert receiver.requests == []
