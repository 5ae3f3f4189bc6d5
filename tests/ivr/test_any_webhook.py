"""Whatever the carrier sends, and in whatever order, the caller gets a document and nothing breaks."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st
from structlog.testing import capture_logs
from werkzeug.test import Client

from phone.twiml import read_reply
from tests.fuzz import fuzzed
from tests.house import WholeHouse, whole_house

AT_ONCE = 50  # webhooks in one example
CALL, RECORDING = "CA" + "c1" * 16, "RE" + "e1" * 16
OF_CALL = {
    "CallSid": CALL,
    "AccountSid": "AC" + "1" * 32,
    "ApiVersion": "2010-04-01",
    "CallStatus": "in-progress",
    "Direction": "inbound",
    "From": "+12025550199",
    "To": "+12025550100",
    "FromCity": "",
    "FromCountry": "US",
}
PRESSED = {**OF_CALL, "Digits": "1", "msg": "Gather End", "FinishedOnKey": ""}
RECORDED = {
    "RecordingSid": RECORDING,
    "RecordingUrl": f"https://api.twilio.com/R/{RECORDING}",
    "RecordingDuration": "9",
}
NEWS = {"CallSid": CALL, "RecordingStatus": "completed", "ErrorCode": "0", "RecordingSource": "RecordVerb", **RECORDED}
REAL = [
    ("/voice/after-call", {**OF_CALL, "agent": "a7", "group": "billing", "ticket": "88213", "CallStatus": "ringing"}),
    ("/voice/nps", {**OF_CALL, "SipHeader_X-Agent": "a7", "call_key": "k1", "language": "es"}),
    ("/voice/effort", OF_CALL),
    *((f"/voice/{CALL}/{turn}", {**PRESSED, "Digits": key}) for turn, key in enumerate("1111212115", 1)),
    (f"/voice/{CALL}/6", {**OF_CALL, **RECORDED, "Digits": "#"}),
    (f"/voice/{CALL}/6", {**OF_CALL, **RECORDED, "Digits": "hangup", "CallStatus": "completed"}),
    (f"/voice/{CALL}/4", {**OF_CALL, "SpeechResult": "two", "Confidence": "0.9"}),
    (f"/voice/{CALL}/7", {**OF_CALL, "DialCallStatus": "completed", "DialCallDuration": "31"}),
    (f"/voice/recording/{CALL}/why", NEWS),
    ("/voice/status", {**OF_CALL, "CallStatus": "completed", "CallDuration": "49", "SequenceNumber": "0"}),
    ("/voice/fallback", {**OF_CALL, "ErrorCode": "11200", "ErrorUrl": "https://survey.example.com/voice/after-call"}),
    ("/sms", {"MessageSid": "SM" + "1" * 32, "From": "+12025550199", "Body": "STOP"}),
]
ODD = [
    *("", "hangup", "*", "#", "10", "5#", "-1", "1e999", "nan", "true", "null", "completed", "failed", "absent"),
    *("anonymous", "+266696687", "sip:7@pbx", "es", "xx", "</Say><Hangup/>", "\x00", "\ud7ff", "\U0001f600" * 300),
    *("' OR 1=1 --", "{agent}", "%", "16101", "CA" + "c2" * 16, "RE" + "e2" * 16),
]
values = st.sampled_from(ODD) | st.text(max_size=20)
names = st.sampled_from(sorted({name for _, sent in REAL for name in sent})) | st.text(max_size=8)
changes = st.lists(st.tuples(names, values | st.none()), max_size=3)
detours = st.none() | st.text(max_size=12) | st.integers().map(str) | st.sampled_from(["", "/", "..", "after-call"])
webhooks = st.tuples(st.sampled_from(["POST", "POST", "POST", "GET", "HEAD"]), st.sampled_from(REAL), changes, detours)


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory, migrated_file: Path) -> Iterator[WholeHouse]:
    """One house for all runs: what one leaves behind is what the next one finds."""
    folder = tmp_path_factory.mktemp("house")
    (folder / "aftercall.db").write_bytes(migrated_file.read_bytes())
    with whole_house(folder, f"sqlite:///{folder}/aftercall.db") as made:
        yield made


@fuzzed(100_000 // AT_ONCE)
@given(mutated=st.lists(webhooks, min_size=AT_ONCE, max_size=AT_ONCE))
def test_no_webhook_breaks_anything(house: WholeHouse, mutated: list[Any]) -> None:
    with capture_logs() as logged:
        for method, (path, sent), changed, detour in mutated:
            _must_be_answered(house, method, _led_astray(path, detour), _changed(sent, changed))
    assert [entry for entry in logged if "exc_info" in entry] == []


def _led_astray(path: str, detour: str | None) -> str:
    """The address with another ending."""
    return path if detour is None or path == "/sms" else f"{path.rpartition('/')[0]}/{quote(detour, safe='/')}"


def _changed(sent: Mapping[str, str], changes: list[tuple[str, str | None]]) -> dict[str, str]:
    """The fields with some added, changed or left out; as they arrive over UTF-8."""
    changed = {**sent, **dict(changes)}
    return {_utf8(name): _utf8(value) for name, value in changed.items() if value is not None}


def _utf8(text: str) -> str:
    return text.encode(errors="replace").decode()


def _must_be_answered(house: WholeHouse, method: str, path: str, sent: Mapping[str, str]) -> None:
    carrier, url = house.house.phone_carrier, house.settings.public_url
    target, signed = path, list(sent.items())
    request: dict[str, Any] = {"data": dict(sent)}
    if method != "POST":
        query = "&".join(f"{quote(name)}={quote(value)}" for name, value in sent.items())
        target, signed, request = f"{path}?{query}", [], {"query_string": query}
    answer = Client(house.app).open(
        path=path,
        method=method,
        headers={"X-Twilio-Signature": carrier.sign(url + target, signed)},
        environ_overrides={"REQUEST_URI": target},
        **request,
    )
    assert answer.status_code in (200, 204), (method, target, sent)
    if answer.status_code == 200 and method != "HEAD":
        read_reply(answer.get_data(), answer.headers["Content-Type"])
