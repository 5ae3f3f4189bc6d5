"""The carrier's recordings over REST: fetched whole and within bounds, looked for, and deleted."""

import json
import re
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from email.utils import parsedate_to_datetime

import httpx

SID = re.compile(r"(AC|CA|RE)[0-9a-fA-F]{32}")
LARGEST = 40 * 1024 * 1024
LONGEST = timedelta(seconds=LARGEST / 16_000)  # a telephone line carries 8000 samples a second, of two bytes each
FETCHED_WITHIN_S = 60.0  # for one recording, from the first byte asked for to the last received
MOST_LISTED = 1000  # the most that a page may have, and more than a call could ever have
TYPES_OF_TEXT = ("text/", "application/json", "application/xml")


class CarrierFailed(Exception):
    """The carrier did not do what it was asked; the message says why in words."""


class NotThere(CarrierFailed):
    """The carrier does not have it, or not yet."""


class CarrierRefused(CarrierFailed):
    """The carrier does not give it to us: account or token are not accepted, or the request is not."""


class Unreachable(CarrierFailed):
    """The carrier did not answer, or not to the end, or is too busy."""


class TooLarge(CarrierFailed):
    """It is larger than any recording of a call."""


class NotARecording(CarrierFailed):
    """The carrier answered, and with something else: nothing, or a page of text."""


@dataclass(frozen=True, slots=True)
class Described:
    """A recording as the carrier's books have it: in-progress, processing, completed, absent … and its length."""

    status: str
    duration_s: float | None


@dataclass(frozen=True, slots=True)
class Listed:
    """A recording that a Record verb of some call has made, or is making, and when it began."""

    recording_sid: str
    started_at: datetime


class CarrierRecordings:
    """Recordings of one carrier account.

    Addresses are made from SIDs on `api_url`, never taken from a request. Each of `auth_tokens` is tried at once:
    during a rotation either may be the one.
    """

    def __init__(
        self,
        api_url: str,
        account_sid: str,
        auth_tokens: Sequence[str],
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._api_url = api_url
        self._logins = [httpx.BasicAuth(account_sid, token) for token in auth_tokens]
        self._monotonic = monotonic
        # httpx leaves the login out where a redirect leads to another host.
        self._http = httpx.Client(timeout=10.0, follow_redirects=True, max_redirects=3)
        if api_url.startswith("https:"):
            self._http.event_hooks["request"].append(_refuse_without_tls)

    def fetch_wav(self, account_sid: str, recording_sid: str) -> bytes:
        """The recording as the line carried it: WAV, 8 kHz.

        Raises:
            CarrierFailed: one of its kinds above says why.
        """
        return self._ask("GET", self._address(account_sid, recording_sid))

    def describe(self, account_sid: str, recording_sid: str) -> Described:
        """What the carrier knows of it, for when its own word of it has not come.

        Raises:
            CarrierFailed: one of its kinds above says why.
        """
        told = self._ask("GET", f"{self._address(account_sid, recording_sid)}.json", text=True)
        return _read_description(told)

    def list_of_call(self, account_sid: str, call_sid: str) -> list[Listed]:
        """The recordings of a call's Record verbs, earliest first, for when no word of any has come.

        Raises:
            CarrierFailed: one of its kinds above says why.
        """
        page = f"Recordings.json?CallSid={_checked(call_sid)}&PageSize={MOST_LISTED}"
        return _read_list(self._ask("GET", f"{self._account(account_sid)}/{page}", text=True))

    def delete(self, account_sid: str, recording_sid: str) -> None:
        """Delete it at the carrier; gone already is well.

        Raises:
            CarrierFailed: it may still be there.
        """
        try:
            self._ask("DELETE", f"{self._address(account_sid, recording_sid)}.json")
        except NotThere:
            return

    def _address(self, account_sid: str, recording_sid: str) -> str:
        return f"{self._account(account_sid)}/Recordings/{_checked(recording_sid)}"

    def _account(self, account_sid: str) -> str:
        return f"{self._api_url}/2010-04-01/Accounts/{_checked(account_sid)}"

    def _ask(self, method: str, url: str, text: bool = False) -> bytes:
        refusal: CarrierFailed = CarrierRefused("no token is set for the carrier's account")
        for login in self._logins:
            try:
                return self._ask_as(login, method, url, text)
            except CarrierRefused as error:
                refusal = error
        raise refusal

    def _ask_as(self, login: httpx.BasicAuth, method: str, url: str, text: bool) -> bytes:
        deadline = self._monotonic() + FETCHED_WITHIN_S
        with _carrier_errors(), self._http.stream(method, url, auth=login) as answer:
            _check(answer, text)
            body = bytearray()
            for piece in answer.iter_bytes():
                body += piece
                if len(body) > LARGEST:
                    raise TooLarge(f"the recording is larger than {LARGEST // 1024 // 1024} MB")
                if self._monotonic() > deadline:
                    raise Unreachable(f"the recording did not arrive within {FETCHED_WITHIN_S:.0f} s")
        return bytes(body)


def _checked(sid: str) -> str:
    if not SID.fullmatch(sid):
        raise NotARecording(f"{sid!r} is no SID")
    return sid


def _refuse_without_tls(request: httpx.Request) -> None:
    """A redirect out of TLS could lead to an address that only our own network knows."""
    if request.url.scheme != "https":
        raise NotARecording("the carrier redirects to an address without TLS")


def _read_description(told: bytes) -> Described:
    try:
        fields = json.loads(told)
        duration = fields["duration"]
        return Described(str(fields["status"]), None if duration is None else float(duration))
    except (ValueError, KeyError, TypeError) as error:
        raise NotARecording("the carrier's description of the recording is not understood") from error


def _read_list(told: bytes) -> list[Listed]:
    """Of a call that was recorded as a whole as well, only what the caller said when asked."""
    try:
        found = [
            Listed(_checked(fields["sid"]), parsedate_to_datetime(fields["start_time"] or fields["date_created"]))
            for fields in json.loads(told)["recordings"]
            if fields["source"] == "RecordVerb"
        ]
        return sorted(found, key=lambda listed: listed.started_at)
    except (ValueError, KeyError, TypeError) as error:
        raise NotARecording("the carrier's list of recordings is not understood") from error


@contextmanager
def _carrier_errors() -> Iterator[None]:
    try:
        yield
    except httpx.TooManyRedirects as error:
        raise NotARecording("the carrier redirects without end") from error
    except httpx.HTTPError as error:
        raise Unreachable(f"the carrier cannot be reached ({type(error).__name__})") from error


def _check(answer: httpx.Response, text: bool) -> None:
    match answer.status_code:
        case 204:
            return
        case 200:
            if not text and answer.headers.get("Content-Type", "").startswith(TYPES_OF_TEXT):
                raise NotARecording("the carrier sent a page of text instead of the recording")
        case 404:
            raise NotThere("the carrier does not have the recording")
        case 408 | 429 | 500 | 502 | 503 | 504 as status:
            raise Unreachable(f"the carrier is too busy (HTTP {status})")
        case 401 | 403 as status:
            raise CarrierRefused(f"the carrier refuses our account or token (HTTP {status})")
        case status:
            raise CarrierRefused(f"the carrier refuses the request (HTTP {status})")
