"""The facts that an alert tells, as values."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, tzinfo
from typing import Literal

Sent = Literal["attached", "sent_before", "follows", "behind_link", "in_house"]
"""How the audio of a stored verbatim reaches the reader: with this message, an earlier one, a later one, the link.

`in_house`: by the link as well, and its words too, since the team lets nothing of them leave the house.
"""


@dataclass(frozen=True, slots=True)
class Answered:
    """One answer: `label` is the question's name, `value` what was said, `meaning` what that means on its scale.

    `high` is the top of the scale where the answer is a number on one.
    """

    label: str
    value: str
    high: int | None = None
    meaning: str | None = None


@dataclass(frozen=True, slots=True)
class Transcript:
    """A machine's reading; `status` as in storage, `text` only where it is ready."""

    status: str
    text: str | None = None
    model: str | None = None
    reason: str | None = None


@dataclass(frozen=True, slots=True)
class Words:
    """What the caller left, or did not leave, at one voice step.

    `status` is that of the verbatim, None where the call did not come to it.
    """

    status: str | None
    name: str
    duration_s: float | None = None
    reason: str | None = None
    sent: Sent = "attached"
    transcript: Transcript | None = None


@dataclass(frozen=True, slots=True)
class Watched:
    """A word that somebody watches for and the caller has said; None where it stays in the house or was erased."""

    rule: str
    word: str | None


@dataclass(frozen=True, slots=True)
class Told:
    """Somebody else who was told: the person's name, None for what belongs to the team; and the way."""

    name: str | None
    channel: str


@dataclass(frozen=True, slots=True)
class Facts:
    """All that a message tells. `wave` is why it comes; `ended_at` None: the caller is still on the line.

    `headline` is the answer that says most, `resolved` None where it is not known; `calling` allowed, refused,
    not_asked or doubted. `caller_number` is masked already; None where it is withheld, or `erased`. `in_house`:
    nothing of what the caller said leaves the house.
    """

    number: int
    severity: str
    wave: str
    said_more: bool
    survey: str
    headline: Answered | None
    resolved: bool | None
    calling: str
    promise_at: datetime | None
    answers: tuple[Answered, ...]
    words: tuple[Words, ...]
    rules: tuple[str, ...]
    watched: tuple[Watched, ...]
    context: Mapping[str, str]
    caller_number: str | None
    ticket_url: str | None
    ended_at: datetime | None
    data_problems: tuple[str, ...]
    told: tuple[Told, ...]
    team: str
    language: str
    zone: tzinfo
    link: str
    link_days: int
    in_house: bool
    now: datetime
    erased: bool = False
