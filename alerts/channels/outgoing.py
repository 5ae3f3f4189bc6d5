"""What every channel is given to send, and how it says that it could not."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Protocol

from alerts.facts import Facts, Transcript
from ivr.twilio.messages import Messages


class DeliveryFailed(Exception):
    """A message was not taken. `permanent`: trying again cannot help. `retry_after_s`: not before so many seconds."""

    def __init__(self, reason: str, permanent: bool = False, retry_after_s: float | None = None) -> None:
        super().__init__(reason)
        self.reason, self.permanent, self.retry_after_s = reason, permanent, retry_after_s


@dataclass(frozen=True, slots=True)
class Recording:
    """A verbatim that is new to the receiver: an MP3; `data` only for channels that attach it."""

    verbatim: int
    name: str
    url: str
    expires_at: datetime
    sha256: str
    seconds: float
    size_bytes: int
    transcript: Transcript | None
    data: bytes | None = None


@dataclass(frozen=True, slots=True)
class Outgoing:
    """One delivery, ready to be sent.

    `message_id` stays the same over all tries; `thread_id` is that of the case's first message to this receiver, None
    where this is the first. `case` is as the cases API gives it, `secret` what the receiver's signatures are made with.
    """

    delivery: str
    message_id: str
    thread_id: str | None
    wave: str
    to: str
    facts: Facts
    case: Mapping[str, Any]
    recordings: tuple[Recording, ...]
    secret: str | None
    happened_at: datetime
    sent_at: datetime


@dataclass(frozen=True, slots=True)
class Patience:
    """How long a channel goes on trying: the longest wait between two tries, and after what time it gives up.

    `repeatable`: the receiver knows a message that comes twice, so that one whose fate is unknown is sent again.
    """

    longest_wait: timedelta
    gives_up_after: timedelta
    repeatable: bool


class Channel(Protocol):
    """A way to send.

    `most_recordings` is how many a message tells of, None for all; `attaches`: it wants their audio, not only where it
    is.
    """

    @property
    def patience(self) -> Patience: ...
    @property
    def most_recordings(self) -> int | None: ...
    @property
    def attaches(self) -> bool: ...

    def message_id(self, delivery: str, case: int) -> str:
        """The name by which the receiver knows the message; the same for the same delivery."""

    def send(self, outgoing: Outgoing) -> str | None:
        """Hand the message over; gives the receiver's own id for it, where there is one.

        Raises:
            DeliveryFailed: it was not taken.
        """


@dataclass(frozen=True, slots=True)
class Post:
    """What channels send through, from the settings; `messages` is the carrier's SMS service.

    `environment` is where `env:NAME` in teams.yaml is looked up.
    """

    mail_url: str
    mail_from: str
    messages: Messages
    environment: Mapping[str, str]
