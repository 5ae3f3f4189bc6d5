"""Deliveries: one message to one destination, its tries, and the audio that went along."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import and_, insert, or_, select, update
from sqlalchemy.orm import Session

from storage import outbox
from storage.database import changed, insert_into
from storage.models import Delivery, DeliveryTry

UNSENT = ("waiting", "pending")
UNFINISHED = "broken off"  # the error of a try until it is known how it went


def put(db: Session, row: Mapping[str, Any], now: datetime, due_at: datetime | None) -> bool:
    """Leave a delivery and the outbox row that sends it; False where this news left, or will, already."""
    state = "waiting" if due_at is None else "pending"
    values = {"state": state, "with_audio": [], "with_transcripts": [], "created_at": now, **row}
    made = db.execute(insert_into(db, Delivery).values(**values).on_conflict_do_nothing(index_elements=["once_key"]))
    if changed(made) == 0:
        return False
    key = outbox_key(row["id"])
    return outbox.put(db, "alerts", "delivery.send", key, {"delivery": row["id"]}, now, due_at)


def outbox_key(delivery_id: str) -> str:
    return f"delivery:{delivery_id}"


def get(db: Session, delivery_id: str) -> Delivery:
    """The delivery as the last transaction left it.

    Raises:
        sqlalchemy.exc.NoResultFound: there is none.
    """
    return db.get_one(Delivery, delivery_id, populate_existing=True)


def of_case(db: Session, number: int) -> Sequence[Delivery]:
    """All deliveries of a case, the first first."""
    wanted = select(Delivery).where(Delivery.case_number == number).order_by(Delivery.created_at, Delivery.id)
    return db.execute(wanted.execution_options(populate_existing=True)).scalars().all()


def tries_of(db: Session, delivery_id: str) -> Sequence[DeliveryTry]:
    wanted = select(DeliveryTry).where(DeliveryTry.delivery_id == delivery_id).order_by(DeliveryTry.id)
    return db.execute(wanted).scalars().all()


def make_due(db: Session, delivery_ids: Sequence[str], due_at: datetime) -> None:
    """What waited for news is sent at that moment, or earlier where it was planned earlier."""
    outbox.set_due(db, [outbox_key(delivery_id) for delivery_id in delivery_ids], due_at)


def supersede(db: Session, delivery_ids: Sequence[str], now: datetime) -> None:
    """A higher one replaces them. What a worker has in hand at this moment may still be accepted."""
    unsent = (Delivery.id.in_(delivery_ids), Delivery.state.in_(UNSENT))
    db.execute(update(Delivery).where(*unsent).values(state="superseded"))
    make_due(db, delivery_ids, now)  # so that the outbox is done with them


def thread_of(others: Sequence[Delivery], delivery: Delivery) -> str | None:
    """The Message-ID of the case's first message to the same receiver; None where this one is the first to set out."""
    first = [
        other
        for other in others
        if other.receiver == delivery.receiver
        and other.message_id is not None
        and other.thread_id is None
        and other.state != "superseded"
    ]
    return min(first, key=lambda other: other.created_at).message_id if first else None


def set_out(db: Session, delivery_id: str, message_id: str, thread_id: str | None) -> bool:
    """A worker is about to send it; False where it was superseded meanwhile."""
    unsent = (Delivery.id == delivery_id, Delivery.state.in_(UNSENT))
    columns = {"state": "pending", "message_id": message_id, "thread_id": thread_id}
    return changed(db.execute(update(Delivery).where(*unsent).values(**columns))) == 1


def accept(
    db: Session,
    delivery_id: str,
    now: datetime,
    provider_id: str | None,
    with_audio: Sequence[int],
    with_transcripts: Sequence[int],
) -> None:
    """The receiver's side has taken it, with those verbatims; even where it was superseded at that moment."""
    columns = {"state": "accepted", "accepted_at": now, "provider_id": provider_id, "error": None}
    carried = {"with_audio": list(with_audio), "with_transcripts": list(with_transcripts)}
    db.execute(update(Delivery).where(Delivery.id == delivery_id).values(**columns, **carried))


def note_failure(db: Session, delivery_id: str, reason: str) -> None:
    """It could not be sent, and will be tried again."""
    db.execute(update(Delivery).where(Delivery.id == delivery_id).values(error=reason))


def fail(db: Session, delivery_id: str, reason: str) -> None:
    """It will not be tried again."""
    unsent = (Delivery.id == delivery_id, Delivery.state.in_(UNSENT))
    db.execute(update(Delivery).where(*unsent).values(state="failed", error=reason))


def begin_try(db: Session, delivery_id: str, now: datetime) -> int:
    """Write down that a try begins; a worker that dies during it leaves it broken off."""
    row = {"delivery_id": delivery_id, "at": now, "took_ms": 0, "error": UNFINISHED}
    return db.execute(insert(DeliveryTry).values(**row).returning(DeliveryTry.id)).scalar_one()


def end_try(db: Session, try_id: int, took_ms: int, error: str | None) -> None:
    db.execute(update(DeliveryTry).where(DeliveryTry.id == try_id).values(took_ms=took_ms, error=error))


def last_broken_off(db: Session, delivery_id: str) -> bool:
    """Whether nobody knows how the last try went: its worker died during it."""
    tries = tries_of(db, delivery_id)
    return bool(tries) and tries[-1].error == UNFINISHED


def switched_off(db: Session, channel: str, address: str, mark: str) -> bool:
    """Whether the last news from this address was that it wants no more (an error that begins with `mark`)."""
    told = or_(Delivery.state == "accepted", and_(Delivery.state == "failed", Delivery.error.startswith(mark)))
    to_it = (Delivery.channel == channel, Delivery.address == address, told)
    last = select(Delivery.state).where(*to_it).order_by(Delivery.created_at.desc(), Delivery.id.desc()).limit(1)
    return db.execute(last).scalar_one_or_none() == "failed"
