"""Recordings are fetched from the carrier alone, whole, within bounds, and every refusal has its name."""

import json
from datetime import UTC, datetime

import pytest

from ivr.twilio import recordings
from ivr.twilio.recordings import (
    CarrierFailed,
    CarrierRecordings,
    CarrierRefused,
    NotARecording,
    NotThere,
    TooLarge,
    Unreachable,
)
from tests.ivr.twilio.carrier import ACCOUNT, RECORDING, TOKEN, Answer, Carrier, listening

CALL = "CA" + "1" * 32
WAV = b"RIFF" + bytes(1000)
ADDRESS = f"/2010-04-01/Accounts/{ACCOUNT}/Recordings/{RECORDING}"


@pytest.fixture
def account(carrier):
    return CarrierRecordings(carrier.url, ACCOUNT, [TOKEN])


def test_a_recording_is_fetched_with_the_login_at_the_first_try(carrier, account):
    carrier.answers = [Answer(body=WAV)]
    assert account.fetch_wav(ACCOUNT, RECORDING) == WAV
    assert carrier.asked == [("GET", ADDRESS)]
    assert carrier.logins == [f"{ACCOUNT}:{TOKEN}"]


def test_during_a_rotation_either_token_opens(carrier):
    carrier.answers = [Answer(body=WAV)]
    assert CarrierRecordings(carrier.url, ACCOUNT, ["the new token", TOKEN]).fetch_wav(ACCOUNT, RECORDING) == WAV


@pytest.mark.parametrize("recording", ["", "../../secrets", "RE" + "g" * 32, "http://10.0.0.1/RE", RECORDING + "/.."])
def test_no_address_is_made_of_what_is_no_sid(carrier, account, recording):
    carrier.answers = [Answer(body=WAV)]
    with pytest.raises(NotARecording, match="no SID"):
        account.fetch_wav(ACCOUNT, recording)
    with pytest.raises(NotARecording, match="no SID"):
        account.fetch_wav(recording, RECORDING)
    assert carrier.asked == []


@pytest.mark.parametrize(
    ("answer", "kind", "reason"),
    [
        (Answer(404), NotThere, "does not have"),
        (Answer(403), CarrierRefused, "HTTP 403"),
        (Answer(400), CarrierRefused, "HTTP 400"),
        (Answer(429), Unreachable, "HTTP 429"),
        (Answer(503), Unreachable, "HTTP 503"),
        (Answer(200, b"<html>", {"Content-Type": "text/html; charset=utf-8"}), NotARecording, "page of text"),
        (Answer(200, b"{}", {"Content-Type": "application/json"}), NotARecording, "page of text"),
        (Answer(200, WAV, promised=2000), Unreachable, "cannot be reached"),
        (Answer(302, headers={"Location": "/again"}), NotARecording, "redirects without end"),
    ],
)
def test_an_answer_that_is_no_recording_has_its_name(carrier, account, answer, kind, reason):
    carrier.answers = [answer]
    with pytest.raises(kind, match=reason):
        account.fetch_wav(ACCOUNT, RECORDING)


def test_a_wrong_token_is_a_refusal(carrier):
    carrier.answers = [Answer(body=WAV)]
    with pytest.raises(CarrierRefused, match="HTTP 401"):
        CarrierRecordings(carrier.url, ACCOUNT, ["some other token"]).fetch_wav(ACCOUNT, RECORDING)


def test_a_carrier_that_does_not_answer_is_unreachable():
    with pytest.raises(Unreachable):
        CarrierRecordings("http://127.0.0.1:9", ACCOUNT, [TOKEN]).fetch_wav(ACCOUNT, RECORDING)


def test_nothing_larger_than_a_recording_is_taken_in(carrier, account, monkeypatch):
    monkeypatch.setattr(recordings, "LARGEST", 100_000)
    carrier.answers = [Answer(body=bytes(200_000))]
    with pytest.raises(TooLarge):
        account.fetch_wav(ACCOUNT, RECORDING)


def test_a_recording_that_drips_in_is_cut_off(carrier):
    carrier.answers = [Answer(body=WAV)]
    clock = iter([0.0, *[61.0] * 100])  # a minute passes with the first bytes
    account = CarrierRecordings(carrier.url, ACCOUNT, [TOKEN], monotonic=lambda: next(clock))
    with pytest.raises(Unreachable, match="within 60 s"):
        account.fetch_wav(ACCOUNT, RECORDING)


def test_a_redirect_to_another_host_is_followed_without_the_login(carrier, account):
    with listening(Carrier(), lambda method, path, login: Answer(body=WAV if login is None else b"")) as bucket:
        carrier.answers = [Answer(302, headers={"Location": f"{bucket.url}/media"})]
        assert account.fetch_wav(ACCOUNT, RECORDING) == WAV


def test_a_redirect_out_of_tls_is_not_followed():
    with pytest.raises(CarrierFailed, match="without TLS"):
        recordings._refuse_without_tls(recordings.httpx.Request("GET", "http://169.254.169.254/"))


def test_the_recordings_of_a_calls_answers_are_listed_earliest_first(carrier, account):
    def listed(name: str, second: int, source: str = "RecordVerb") -> dict[str, str]:
        return {"sid": "RE" + name * 32, "source": source, "start_time": f"Sat, 21 Nov 2026 10:00:0{second} +0000"}

    told = {"recordings": [listed("b", 2), listed("c", 1, "DialVerb"), listed("a", 0)]}
    carrier.answers = [Answer(body=json.dumps(told).encode(), headers={"Content-Type": "application/json"})]
    found = account.list_of_call(ACCOUNT, CALL)
    assert [each.recording_sid[-1] for each in found] == ["a", "b"]
    assert found[1].started_at == datetime(2026, 11, 21, 10, 0, 2, tzinfo=UTC)
    assert carrier.asked == [("GET", f"/2010-04-01/Accounts/{ACCOUNT}/Recordings.json?CallSid={CALL}&PageSize=1000")]


@pytest.mark.parametrize("told", ["<html>", "[]", '{"recordings": [{"sid": "../../x", "source": "RecordVerb"}]}'])
def test_a_list_that_is_not_understood_is_none(carrier, account, told):
    carrier.answers = [Answer(body=told.encode(), headers={"Content-Type": "application/json"})]
    with pytest.raises(NotARecording):
        account.list_of_call(ACCOUNT, CALL)


def test_a_recording_is_deleted_once_and_gone_is_gone(carrier, account):
    carrier.answers = [Answer(204), Answer(404)]
    account.delete(ACCOUNT, RECORDING)
    account.delete(ACCOUNT, RECORDING)
    assert carrier.asked == [("DELETE", f"{ADDRESS}.json")] * 2


def test_a_recording_that_cannot_be_deleted_says_so(carrier, account):
    carrier.answers = [Answer(500)]
    with pytest.raises(Unreachable):
        account.delete(ACCOUNT, RECORDING)
