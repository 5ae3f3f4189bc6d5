"""Who may call the carrier's addresses, and what becomes of everybody else."""

from collections.abc import Iterator, Mapping
from io import BytesIO
from pathlib import Path
from urllib.parse import urlencode

import pytest
from werkzeug.test import Client, TestResponse

from ivr.gate import MOST_LINES, Refusals
from phone.twiml import read_reply
from tests.conftest import Logged
from tests.house import WholeHouse, whole_house

CALL = "CA" + "5" * 32
ADDRESSES = [
    "/voice/after-call",
    "/voice/after-call/",
    "/voice/no-such-survey",
    f"/voice/{CALL}/1",
    f"/voice/{CALL}/1/",
    f"/voice/{CALL}/99999999999999999999999",
    f"/voice/recording/{CALL}/why",
    "/voice/status",
    "/voice/fallback",
    "/voice",
    "/voice/",
    "/voice//",
    "//voice/after-call",
    "/voice//after-call",
    "/voice/nobody/knows/this",
    "/voice/%2e%2e/secrets",
    "/voice/after-call%00",
    "/voice/caf%C3%A9",
    "/sms",
    "/sms/",
    "/sms/reply",
]
TO_THE_CARRIER = [address for address in ADDRESSES if not address.startswith("//")]


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory, migrated_file: Path) -> Iterator[WholeHouse]:
    """One house for all who are refused, or ask for nothing that is there."""
    folder = tmp_path_factory.mktemp("house")
    (folder / "aftercall.db").write_bytes(migrated_file.read_bytes())
    with whole_house(folder, f"sqlite:///{folder}/aftercall.db", TWILIO_AUTH_TOKEN="old,new", **ACCOUNT) as made:
        yield made


ACCOUNT = {"TWILIO_ACCOUNT_SID": "AC" + "1" * 32, "PHONE": "on", "PUBLIC_URL": "https://survey.harbor.example"}


def ask(
    house: WholeHouse,
    address: str,
    fields: Mapping[str, str] | None = None,
    method: str = "POST",
    *,
    signed: bool = True,
    headers: Mapping[str, str] | None = None,
    **request: object,
) -> TestResponse:
    """One request as it leaves the carrier; without a body for all methods but POST."""
    fields = {"CallSid": CALL, "From": "+12025550199", **(fields or {})}
    target = address if method == "POST" else f"{address}?{urlencode(fields)}"
    form = fields if method == "POST" else {}
    signature = house.house.phone_carrier.sign(house.settings.public_url + target, form.items())
    path, _, query = target.partition("?")
    return Client(house.app).open(
        path=path,
        query_string=query,
        method=method,
        headers={**({"X-Twilio-Signature": signature} if signed else {}), **(headers or {})},
        environ_overrides={"REQUEST_URI": target},
        **({"data": form} | request),
    )


# Nobody else ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("method", ["GET", "POST", "HEAD", "PUT", "PATCH", "DELETE", "OPTIONS", "PROPFIND"])
@pytest.mark.parametrize("address", TO_THE_CARRIER)
def test_what_is_not_signed_is_refused_whatever_it_asks(house: WholeHouse, address: str, method: str) -> None:
    assert ask(house, address, method=method, signed=False).status_code == 403


@pytest.mark.parametrize(
    "body",
    [
        {"data": b"x" * 2_000_000, "content_type": "application/x-www-form-urlencoded"},
        {"data": b"--b\r\nContent-Disposition: form", "content_type": "multipart/form-data; boundary=b"},
        {"data": b"{", "content_type": "application/json"},
        {"data": b"\xff\xfe%%%=&&&=", "content_type": "application/x-www-form-urlencoded"},
        {"data": b"Digits=1", "content_type": "application/x-www-form-urlencoded; charset=utf-16"},
        {"data": b"Digits=1"},
    ],
    ids=["huge", "half a multipart", "half a JSON", "not UTF-8", "another charset", "no type"],
)
@pytest.mark.parametrize("signature", [None, "", "nonsense", "ünsinn", "A" * 100_000, "AAAAAAAAAAAAAAAAAAAAAAAAAAA="])
def test_no_body_and_no_signature_of_ones_own_opens_the_door(
    house: WholeHouse, body: dict[str, object], signature: str | None
) -> None:
    headers = {} if signature is None else {"X-Twilio-Signature": signature.encode().decode("latin-1")}
    assert ask(house, "/voice/after-call", signed=False, headers=headers, **body).status_code == 403


def test_a_body_that_breaks_off_is_refused(house: WholeHouse) -> None:
    signature = house.house.phone_carrier.sign(f"{house.settings.public_url}/voice/after-call", [("Digits", "1")])
    broken = Client(house.app).open(
        path="/voice/after-call",
        method="POST",
        input_stream=BytesIO(b"Dig"),
        headers={"X-Twilio-Signature": signature, "Content-Length": "8"},
        content_type="application/x-www-form-urlencoded",
    )
    assert broken.status_code == 403


def test_a_signature_holds_for_its_own_request_only(house: WholeHouse) -> None:
    signature = house.house.phone_carrier.sign(f"{house.settings.public_url}/voice/after-call", [("CallSid", CALL)])
    headers = {"X-Twilio-Signature": signature}
    assert ask(house, "/voice/after-call", headers=headers, data={"CallSid": CALL}).status_code == 200
    assert ask(house, "/voice/after-call", headers=headers, data={"CallSid": CALL, "From": "x"}).status_code == 403
    assert ask(house, "/voice/after-call?agent=a7", headers=headers, data={"CallSid": CALL}).status_code == 403
    assert ask(house, "/voice/nps", headers=headers, data={"CallSid": CALL}).status_code == 403


@pytest.mark.parametrize(("token", "status"), [("old", 200), ("new", 200), ("older", 403)])
def test_during_a_rotation_either_token_signs(house: WholeHouse, token: str, status: int) -> None:
    carrier = type(house.house.phone_carrier)("AC" + "1" * 32, token)
    url = f"{house.settings.public_url}/voice/status"
    headers = {"X-Twilio-Signature": carrier.sign(url, [("CallSid", CALL)])}
    answer = ask(house, "/voice/status", headers=headers, data={"CallSid": CALL})
    assert answer.status_code in (status, 204 if status == 200 else status)


def test_other_addresses_ask_for_no_signature(house: WholeHouse) -> None:
    assert Client(house.app).get("/healthz").status_code == 200
    assert Client(house.app).get("/nowhere").status_code == 404


# The carrier ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("method", ["GET", "POST"])
@pytest.mark.parametrize("address", TO_THE_CARRIER)
def test_the_carrier_always_gets_an_answer_it_understands(house: WholeHouse, address: str, method: str) -> None:
    answer = ask(house, address, method=method)
    assert answer.status_code in (200, 204)
    if answer.status_code == 200:
        read_reply(answer.get_data(), answer.headers["Content-Type"])


@pytest.mark.parametrize(
    "fields",
    [
        {"CallSid": ""},
        {"CallSid": "CA\x00"},
        {"CallSid": "'; DROP TABLE calls; --"},
        {"Digits": "\x00"},
        {"Digits": "9" * 10_000},
        {"From": "\U0001f600" * 500, "agent": "\x00\x01\ud7ff", "ticket": "x" * 10_000},
        {"CallStatus": "levitating", "CallDuration": "-1e999", "RecordingDuration": "NaN", "RecordingSid": "RE"},
        {f"field{number}": "value" for number in range(500)},
        {"language": "xx", "AddOns": '{"status": "successful"}', "StirVerstat": "TN-Validation-Passed-A"},
    ],
    ids=lambda fields: next(iter(fields)),
)
@pytest.mark.parametrize("address", ["/voice/after-call", f"/voice/{CALL}/1", "/voice/status", "/voice/fallback"])
def test_strange_parameters_break_nothing(house: WholeHouse, address: str, fields: dict[str, str]) -> None:
    assert ask(house, address, {"CallSid": "CA" + "6" * 32, **fields}).status_code in (200, 204)


@pytest.mark.parametrize("ending", ["", "?", "?language=es", "?agent=", "/?"])
def test_an_address_is_signed_as_it_was_written(house: WholeHouse, ending: str) -> None:
    url = f"{house.settings.public_url}/voice/nps{ending}"
    path, _, query = ending.partition("?")
    fields = {"CallSid": house.house.phone_carrier.new_sid("CA")}
    answer = Client(house.app).open(  # as the server tells it: without the letters that were sent
        path=f"/voice/nps{path}",
        query_string=query,
        method="POST",
        data=fields,
        headers={"X-Twilio-Signature": house.house.phone_carrier.sign(url, fields.items())},
        environ_overrides={"REQUEST_URI": "", "RAW_URI": ""},
    )
    assert "<Gather" in answer.get_data(as_text=True)


def test_a_trailing_slash_leads_to_the_survey_all_the_same(house: WholeHouse) -> None:
    answer = ask(house, "/voice/after-call/", {"CallSid": "CA" + "7" * 32})
    assert "two minutes of questions" in answer.get_data(as_text=True)


def test_a_head_that_a_proxy_forges_moves_no_signature(house: WholeHouse) -> None:
    forged = {"X-Forwarded-Host": "evil.example", "X-Forwarded-Proto": "http", "Host": "evil.example"}
    assert ask(house, "/voice/status", headers=forged).status_code == 204


# Where requests come from ---------------------------------------------------------------------------


@pytest.mark.parametrize(("proxies", "source"), [("0", "192.0.2.1"), ("1", "203.0.113.9")])
def test_only_named_proxies_are_believed(
    tmp_path: Path, sqlite_url: str, proxies: str, source: str, logged: Logged
) -> None:
    with whole_house(tmp_path, sqlite_url, TRUSTED_PROXIES=proxies) as house:
        headers = {"X-Forwarded-For": "198.51.100.1, 203.0.113.9"}
        came_from = {"REMOTE_ADDR": "192.0.2.1"}
        ask(house, "/voice/status", signed=False, headers=headers, environ_base=came_from)
    assert f'"source": "{source}"' in logged()


def test_a_flood_from_one_source_fills_no_log_and_shuts_nobody_out(house: WholeHouse, logged: Logged) -> None:
    here = {"REMOTE_ADDR": "203.0.113.77"}
    for _ in range(5 * MOST_LINES):
        assert ask(house, "/voice/status", signed=False, environ_base=here).status_code == 403
    assert logged().count("203.0.113.77") == MOST_LINES
    assert ask(house, "/voice/status", environ_base=here).status_code == 204


def test_how_many_were_refused_is_told_when_the_minute_is_over(logged: Logged) -> None:
    moments = iter([0.0, *[1.0] * 50, 61.0])
    refusals = Refusals(lambda: next(moments))
    for _ in range(51):
        refusals.note("203.0.113.77", signed=True)
    assert '"refused": 50' in logged().splitlines()[-2]
