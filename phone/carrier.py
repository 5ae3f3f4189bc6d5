"""The carrier: an account with its numbers, calls, recordings and messages."""

import hmac
import random
from collections.abc import Iterable
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from phone import signature
from phone.shelf import Facts, FolderShelf, MemoryShelf, Shelf

if TYPE_CHECKING:
    from phone.call import PhoneCall

API_VERSION = "2010-04-01"
FINAL = ("completed", "busy", "failed", "no-answer", "canceled")
Direction = Literal["inbound", "outbound-api"]


@dataclass(frozen=True, slots=True)
class Route:
    """Whom the carrier asks about a call: of a number, or of one call out.

    `twiml` is a document given with the call, used where there is no `voice_url`. `status_events` are those of
    initiated, ringing, answered and completed that are told.
    """

    voice_url: str = ""
    voice_method: str = "POST"
    fallback_url: str = ""
    fallback_method: str = "POST"
    status_callback: str = ""
    status_callback_method: str = "POST"
    status_events: tuple[str, ...] = ("completed",)
    twiml: str = ""


@dataclass(frozen=True, slots=True)
class PhoneNumber:
    """A number of the account, and where its calls go."""

    sid: str
    number: str
    route: Route
    sms_url: str = ""
    sms_method: str = "POST"


@dataclass(frozen=True, slots=True)
class CallRecord:
    """What the carrier keeps of a call."""

    sid: str
    caller: str
    called: str
    direction: Direction
    status: str
    route: Route
    made_at: str
    duration_s: int | None = None

    @property
    def over(self) -> bool:
        return self.status in FINAL


@dataclass(frozen=True, slots=True)
class Recording:
    """A recording; `status` completed, absent, failed or deleted. `media_404s`: so often it is not there yet."""

    sid: str
    call_sid: str
    status: str
    duration_s: int
    started_at: str
    media_404s: int = 0
    error_code: int = 0


@dataclass(frozen=True, slots=True)
class Message:
    """A text message that was taken for sending."""

    sid: str
    sender: str
    to: str
    body: str
    status_callback: str
    made_at: str


class Carrier:
    """An account at the carrier. Whoever shares the folder shares the account's things; without one they are in memory.

    `seed` makes SIDs the same in every run, for tests.
    """

    def __init__(
        self,
        account_sid: str,
        auth_token: str,
        *,
        api_url: str = "https://api.twilio.com",
        folder: Path | None = None,
        seed: int | None = None,
    ) -> None:
        self.account_sid = account_sid
        self.auth_token = auth_token
        self.api_url = api_url.rstrip("/")
        self.live: dict[str, PhoneCall] = {}  # those of this process
        self._shelf: Shelf = FolderShelf(folder) if folder else MemoryShelf()
        self._random = random.SystemRandom() if seed is None else random.Random(seed)  # noqa: S311  SIDs are no secret

    @classmethod
    def for_secret(
        cls, secret_key: str, *, api_url: str = "https://api.twilio.com", folder: Path | None = None
    ) -> "Carrier":
        """The account of the built-in phone: every process that knows the secret has the same SID and token."""
        made = [hmac.new(secret_key.encode(), part, sha256).hexdigest()[:32] for part in (b"account", b"token")]
        return cls(f"AC{made[0]}", made[1], api_url=api_url, folder=folder)

    def new_sid(self, prefix: str) -> str:
        return f"{prefix}{self._random.getrandbits(128):032x}"

    def sign(self, url: str, form: Iterable[tuple[str, str]] = ()) -> str:
        """The signature of a voice request."""
        return signature.sign(self.auth_token, signature.voice_url(url), form)

    def sign_message(self, url: str, form: Iterable[tuple[str, str]] = ()) -> str:
        """The signature of a request about a text message."""
        return signature.sign(self.auth_token, signature.message_url(url), form)

    # Numbers

    def add_number(self, number: str) -> PhoneNumber:
        """Rent a number; its calls lead nowhere yet."""
        return self.keep_number(PhoneNumber(self.new_sid("PN"), number, Route()))

    def keep_number(self, number: PhoneNumber) -> PhoneNumber:
        self._shelf.put(number.sid, asdict(number))
        return number

    def find_number(self, number: str) -> PhoneNumber | None:
        return next((kept for kept in self.numbers() if kept.number == number), None)

    def numbers(self) -> list[PhoneNumber]:
        kept = [facts for sid in self._shelf.sids("PN") if (facts := self._shelf.find(sid))]
        return [PhoneNumber(**{**facts, "route": _route(facts["route"])}) for facts in kept]

    # Calls

    def open_call(self, caller: str, called: str, direction: Direction, route: Route, now: datetime) -> CallRecord:
        """A new call: one that comes in rings, one that goes out waits until somebody answers it."""
        status = "ringing" if direction == "inbound" else "queued"
        record = CallRecord(self.new_sid("CA"), caller, called, direction, status, route, now.isoformat())
        self.keep_call(record)
        return record

    def keep_call(self, record: CallRecord) -> None:
        self._shelf.put(record.sid, asdict(record))

    def find_call(self, sid: str) -> CallRecord | None:
        facts = self._find("CA", sid)
        return CallRecord(**{**facts, "route": _route(facts["route"])}) if facts else None

    def calls(self) -> list[CallRecord]:
        """All calls, in the order in which they began."""
        return [record for sid in self._shelf.sids("CA") if (record := self.find_call(sid))]

    # Recordings

    def recording_url(self, sid: str) -> str:
        return f"{self.api_url}/{API_VERSION}/Accounts/{self.account_sid}/Recordings/{sid}"

    def keep_recording(self, recording: Recording, wav: bytes | None) -> None:
        """Keep what is known of a recording, and its sound where there is one."""
        if wav is not None:
            self._shelf.put_sound(recording.sid, wav)
        self._shelf.put(recording.sid, asdict(recording))

    def find_recording(self, sid: str) -> Recording | None:
        facts = self._find("RE", sid)
        return Recording(**facts) if facts else None

    def recordings(self) -> list[Recording]:
        return [recording for sid in self._shelf.sids("RE") if (recording := self.find_recording(sid))]

    def fetch_media(self, sid: str) -> bytes | None:
        """The WAV of a recording; None while it is not ready, and where there is none."""
        recording = self.find_recording(sid)
        if recording is None or recording.status != "completed":
            return None
        if recording.media_404s > 0:
            self.keep_recording(replace(recording, media_404s=recording.media_404s - 1), None)
            return None
        return self._shelf.find_sound(sid)

    def delete_recording(self, sid: str) -> bool:
        """Delete a recording's sound; False where there is nothing to delete."""
        recording = self.find_recording(sid)
        if recording is None or recording.status == "deleted":
            return False
        self.keep_recording(replace(recording, status="deleted"), None)
        self._shelf.drop_sound(sid)
        return True

    # Messages

    def bar(self, sender: str, to: str, *, barred: bool = True) -> None:
        """Whether somebody wants no more messages from a sender."""
        self._shelf.put(_pair(sender, to), {"barred": barred})

    def is_barred(self, sender: str, to: str) -> bool:
        facts = self._shelf.find(_pair(sender, to))
        return facts is not None and facts["barred"]

    def take_message(self, sender: str, to: str, body: str, status_callback: str, now: datetime) -> Message:
        message = Message(self.new_sid("SM"), sender, to, body, status_callback, now.isoformat())
        self._shelf.put(message.sid, asdict(message))
        return message

    def find_message(self, sid: str) -> Message | None:
        facts = self._find("SM", sid)
        return Message(**facts) if facts else None

    def messages(self) -> list[Message]:
        """All messages taken, in order."""
        return [message for sid in self._shelf.sids("SM") if (message := self.find_message(sid))]

    def _find(self, kind: str, sid: str) -> Facts | None:
        """What is kept of a SID of that kind; SIDs come from outside, and may be anything."""
        return self._shelf.find(sid) if sid.startswith(kind) and sid.isalnum() else None


def _pair(sender: str, to: str) -> str:
    return "ST" + sha256(f"{sender} {to}".encode()).hexdigest()[:32]


def _route(facts: dict[str, object]) -> Route:
    return Route(**{**facts, "status_events": tuple(facts["status_events"])})  # type: ignore[arg-type]  # JSON keeps lists


def utc_now() -> datetime:
    return datetime.now(UTC)
