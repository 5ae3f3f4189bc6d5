from datetime import timedelta

import pytest

from ivr.moments import read_moment
from tests.console.conftest import CALL, RECORDING, SHA256, add_answer, add_call, add_verbatim

RESPONSES = "/api/v1/responses"


def test_a_response_tells_everything_about_a_call(open_api, nora_called):
    assert open_api().get(f"{RESPONSES}/{CALL}").json == {
        "call_sid": CALL,
        "survey": "after-call",
        "version": "sha256:0123",
        "language": "en",
        "direction": "inbound",
        "started_at": "2026-11-21T10:00:00Z",
        "ended_at": "2026-11-21T10:01:30Z",
        "disposition": "partial",
        "context": {"agent": "a7", "group": "billing", "ticket": "88213"},
        "data_problems": [],
        "answers": {
            "csat": answer(value=1, label="very dissatisfied", keys="1", input="dtmf", at="2026-11-21T10:00:00Z"),
            "solved": answer(value="no", label="no", keys="2", input="dtmf", at="2026-11-21T10:00:00Z"),
            "recommend": answer(missing="not_asked"),
            "call_me": answer(missing="hung_up", at="2026-11-21T10:00:00Z"),
        },
        "scores": {"csat": 0.0, "resolved": 0.0},
        "verbatims": {
            "why": {
                "recording_sid": RECORDING,
                "duration_s": 12.4,
                "status": "stored",
                "reason": None,
                "audio_url": f"/api/v1/recordings/{RECORDING}.mp3",
                "sha256": SHA256,
                "transcript": {
                    "status": "ready",
                    "reason": None,
                    "text": "Two transfers.",
                    "language": "en",
                    "model": "base",
                    "segments": [],
                },
            }
        },
        "opted_out": False,
        "from": "+1202…0199",
        "alerts": [{"name": "Recover this caller", "severity": "P2", "raised_at": "2026-11-21T10:00:00Z"}],
        "case": 1,
    }


def answer(**known):
    return {"value": None, "label": None, "keys": None, "input": None, "at": None, "missing": None} | known


def test_questions_not_reached_yet_are_not_asked(open_api, database, now):
    with database.transaction() as db:
        add_call(db, now, ended_at=None, disposition="in_progress")
        add_answer(db, "csat", now, value=5, keys="5", input="dtmf")
    response = open_api().get(f"{RESPONSES}/{CALL}").json
    missing = {step: answer["missing"] for step, answer in response["answers"].items()}
    assert missing == {"csat": None, "solved": "not_asked", "recommend": "not_asked", "call_me": "not_asked"}
    assert (response["ended_at"], response["disposition"], response["case"]) == (None, "in_progress", None)


def test_an_answer_taken_back_is_still_to_be_asked(open_api, database, now):
    with database.transaction() as db:
        add_call(db, now, ended_at=None, disposition="in_progress")
        add_answer(db, "csat", None)
    assert open_api().get(f"{RESPONSES}/{CALL}").json["answers"]["csat"] == answer(missing="not_asked")


def test_only_questions_are_answers(open_api, database, now):
    with database.transaction() as db:
        add_call(db, now)
        add_answer(db, "why", now, missing="refused")
    assert "why" not in open_api().get(f"{RESPONSES}/{CALL}").json["answers"]


def test_a_caller_who_spoke_again_is_heard_with_the_second_take(open_api, database, now):
    with database.transaction() as db:
        add_call(db, now)
        add_verbatim(db, now, kept=False, status="deleted", recording_sid="RE" + "7" * 32)
        add_verbatim(db, now, status="awaited", recording_sid="RE" + "8" * 32, carrier_duration_s=9.0)
    why = open_api().get(f"{RESPONSES}/{CALL}").json["verbatims"]["why"]
    assert (why["recording_sid"], why["status"], why["duration_s"]) == ("RE" + "8" * 32, "awaited", 9.0)
    assert (why["audio_url"], why["sha256"], why["transcript"]["status"]) == (None, None, "queued")


@pytest.mark.parametrize(
    ("status", "transcript"),
    [("recording", "queued"), ("stored", "queued"), ("absent", None), ("failed", None), ("deleted", None)],
)
def test_a_transcript_is_queued_as_long_as_it_may_come(open_api, database, now, status, transcript):
    with database.transaction() as db:
        add_call(db, now)
        add_verbatim(db, now, status=status)
    why = open_api().get(f"{RESPONSES}/{CALL}").json["verbatims"]["why"]
    assert (why["transcript"] and why["transcript"]["status"]) == transcript


def test_a_caller_who_deleted_the_message_leaves_it_deleted(open_api, database, now):
    with database.transaction() as db:
        add_call(db, now)
        add_verbatim(db, now, kept=False, status="deleted", reason="deleted by the caller")
    why = open_api().get(f"{RESPONSES}/{CALL}").json["verbatims"]["why"]
    assert (why["status"], why["reason"]) == ("deleted", "deleted by the caller")


@pytest.mark.parametrize(("token", "shown"), [("abc", "…"), ("def", "2025550123")])
def test_the_number_a_caller_keyed_in_is_masked_unless_the_token_is_full(open_api, database, now, token, shown):
    with database.transaction() as db:
        add_call(db, now)
        add_answer(db, "call_me", now, value="yes", label="yes", keys="1", input="dtmf")
        add_answer(db, "call_me.number", now, value="2025550123", keys="2025550123", input="dtmf")
        add_answer(db, "call_me.time", now, value="evening", label="this evening", keys="2", input="dtmf")
    answers = open_api(token).get(f"{RESPONSES}/{CALL}").json["answers"]
    assert (answers["call_me.number"]["value"], answers["call_me.number"]["keys"]) == (shown, shown)
    assert answers["call_me"]["value"] == "yes"
    assert answers["call_me.time"]["value"] == "evening"


@pytest.mark.parametrize(
    ("number", "shown"),
    [("+12025550199", "+1202…0199"), ("sip:nora@harbor.example", "…"), ("+4930123", "…"), (None, None)],
)
def test_a_number_is_masked_unless_the_token_is_full(open_api, database, now, number, shown):
    with database.transaction() as db:
        add_call(db, now, from_number=number)
    assert open_api("abc").get(f"{RESPONSES}/{CALL}").json["from"] == shown
    assert open_api("def").get(f"{RESPONSES}/{CALL}").json["from"] == number


def test_an_unknown_call_is_not_found(open_api):
    answer = open_api().get(f"{RESPONSES}/CA{'f' * 32}")
    assert (answer.status_code, answer.content_type) == (404, "application/problem+json")
    assert answer.json["detail"] == "no call with this SID has been through a survey"


def test_a_list_is_read_to_its_end_page_by_page(open_api, database, now):
    with database.transaction() as db:
        for n in range(250):  # every tenth call began at the same moment as the one before
            add_call(db, now + timedelta(seconds=n - n % 10 // 9), call_sid=f"CA{n:032x}")
    client, sids, cursor = open_api(), [], None
    while not sids or cursor:
        page = client.get(RESPONSES, query_string={"cursor": cursor} if cursor else {}).json
        sids += [item["call_sid"] for item in page["items"]]
        cursor = page["next"]
    assert sids == [f"CA{n:032x}" for n in range(250)]


def test_a_list_holds_calls_of_one_survey_since_a_moment(open_api, database, now):
    with database.transaction() as db:
        add_call(db, now - timedelta(hours=2), call_sid="CA" + "a" * 32)
        add_call(db, now, call_sid="CA" + "b" * 32)
        add_call(db, now, call_sid="CA" + "c" * 32, survey="nps")
    sids = [
        item["call_sid"]
        for item in open_api().get(f"{RESPONSES}?survey=after-call&since=2026-11-21T11:00:00+02:00").json["items"]
    ]
    assert sids == ["CA" + "b" * 32]


def test_a_list_without_calls_is_empty(open_api):
    assert open_api().get(f"{RESPONSES}?survey=nowhere").json == {"items": [], "next": None}


@pytest.mark.parametrize(
    "written",
    [
        "2026-11-21T10:00:00Z",
        "2026-11-21T10:00:00",
        "2026-11-21T12:00+02:00",
        "2026-11-21T12:00 02:00",
        "2026-11-21T10",
    ],
)
def test_a_moment_is_read_with_and_without_its_zone(written, now):
    assert read_moment(written) == now


@pytest.mark.parametrize("since", ["yesterday", "2026-13-01", "1763719200", "9999999999999999-01-01"])
def test_a_since_that_is_no_moment_says_what_to_write(open_api, since):
    answer = open_api().get(RESPONSES, query_string={"since": since})
    assert answer.status_code == 400
    assert "2026-11-21T10:00:00Z" in answer.json["detail"]


@pytest.mark.parametrize("cursor", ["1", "WzFd", "bm8", "é", "W10", "WzEsIDJd", "bnVsbA"])
def test_a_cursor_that_is_not_ours_says_what_to_write(open_api, cursor):
    answer = open_api().get(RESPONSES, query_string={"cursor": cursor})
    assert answer.status_code == 400
    assert "`next`" in answer.json["detail"]
