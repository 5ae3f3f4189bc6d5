"""How the house is doing, counted from the rows themselves, so that every process gives the same answer."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import Session

from storage import transcripts
from storage.models import Call, Case, Delivery, DeliveryTry, Outbox, Transcript, Verbatim
from storage.outbox import STORE_DOWN

SAMPLES = 1000  # latencies are those of the last so many


@dataclass(frozen=True, slots=True)
class Count:
    """How many rows have these values, such as `("after-call", "complete")`."""

    values: tuple[str, ...]
    n: int


@dataclass(frozen=True, slots=True)
class Backlog:
    """What is due in one queue, and since when the oldest of it waits."""

    queue: str
    n: int
    oldest_due_at: datetime


def calls(db: Session) -> Sequence[Count]:
    """Calls by survey and disposition."""
    return _count(db, Call.survey, Call.disposition)


def cases(db: Session) -> Sequence[Count]:
    """Cases by team, severity and state."""
    return _count(db, Case.team, Case.severity, Case.state)


def deliveries(db: Session) -> Sequence[Count]:
    """Deliveries by channel and state."""
    return _count(db, Delivery.channel, Delivery.state)


def backlog(db: Session, now: datetime) -> Sequence[Backlog]:
    """The queues in which something is due; what waits for a model is not, nobody could do it."""
    due = (Outbox.state == "pending", Outbox.due_at <= now, Outbox.key.not_in(transcripts.keys_of_unavailable()))
    rows = db.execute(select(Outbox.queue, func.count(), func.min(Outbox.due_at)).where(*due).group_by(Outbox.queue))
    return [Backlog(queue, n, oldest) for queue, n, oldest in rows if oldest]


def mails_held_up(db: Session) -> int:
    """Mails that failed at the last try and will be tried again."""
    held = (Delivery.channel == "email", Delivery.state == "pending", Delivery.error.is_not(None))
    return db.execute(select(func.count()).select_from(Delivery).where(*held)).scalar_one()


def addresses_shut(db: Session) -> Sequence[Count]:
    """By channel, the addresses whose last message failed for good; one that takes a message again is none of them."""
    failed = _latest(db, Delivery.state == "failed")
    took = _latest(db, Delivery.state == "accepted", Delivery.address.in_([address for _, address in failed]))
    shut = Counter(channel for (channel, address), at in failed.items() if at >= took.get((channel, address), at))
    return [Count((channel,), n) for channel, n in sorted(shut.items())]


def _latest(db: Session, *conditions: ColumnElement[bool]) -> Mapping[tuple[str, str], datetime]:
    """When the latest such delivery to each address was made."""
    columns = (Delivery.channel, Delivery.address)
    rows = db.execute(select(*columns, func.max(Delivery.created_at)).where(*conditions).group_by(*columns))
    return {(channel, address): at for channel, address, at in rows}


def store_trouble(db: Session) -> tuple[int, str] | None:
    """How much work the audio store holds up, and why by the latest try; None where it holds up none."""
    held = (Outbox.state == "pending", Outbox.error.startswith(STORE_DOWN))
    reasons = db.execute(select(Outbox.error).where(*held).order_by(Outbox.due_at.desc())).scalars().all()
    return (len(reasons), reasons[0] or "") if reasons else None


def recordings_held_up(db: Session, tries: int) -> int:
    """Recordings that so many tries or more have not brought home, and that will be tried again."""
    held = (Outbox.kind == "recording.fetch", Outbox.state == "pending", Outbox.tries >= tries)
    return db.execute(select(func.count()).select_from(Outbox).where(*held)).scalar_one()


def alert_seconds(db: Session, since: datetime) -> Sequence[tuple[str, float]]:
    """Of messages accepted since then: the channel, and the seconds from the alert to the acceptance."""
    accepted = (
        select(Delivery.channel, Delivery.created_at, Delivery.accepted_at)
        .join(DeliveryTry, DeliveryTry.delivery_id == Delivery.id)
        .where(DeliveryTry.error.is_(None), DeliveryTry.at >= since, Delivery.accepted_at.is_not(None))
        .order_by(DeliveryTry.id.desc())
        .limit(SAMPLES)
    )
    return [(channel, (at - created_at).total_seconds()) for channel, created_at, at in db.execute(accepted) if at]


def transcript_seconds(db: Session, since: datetime) -> Sequence[float]:
    """Of transcripts ready since then: the seconds from the stored recording to the transcript."""
    ready = (
        select(Verbatim.stored_at, Transcript.finished_at)
        .join(Transcript, Transcript.verbatim_id == Verbatim.id)
        .where(Transcript.status == "ready", Transcript.finished_at >= since, Verbatim.stored_at.is_not(None))
        .order_by(Verbatim.id.desc())
        .limit(SAMPLES)
    )
    return [(at - stored_at).total_seconds() for stored_at, at in db.execute(ready) if at and stored_at]


def _count(db: Session, *columns: Any) -> Sequence[Count]:
    rows = db.execute(select(*columns, func.count()).group_by(*columns).order_by(*columns))
    return [Count(tuple(values), n) for *values, n in rows]
