"""What is still to do, kept beside what caused it. Workers claim rows; Redis only wakes workers.

A row is claimed by a conditional update with a lease; a worker that dies loses the lease and another goes on.
A job run twice must leave the same rows as a job run once.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Literal, cast, get_args

from sqlalchemy import Table, or_, select, update
from sqlalchemy.orm import Session

from storage.database import changed, insert_into
from storage.models import Outbox

Queue = Literal["alerts", "recordings", "transcription"]
QUEUES: tuple[Queue, ...] = get_args(Queue)
LEASE = timedelta(seconds=30)
STORE_DOWN = "the recordings store cannot be used"
BACKOFF_S = (5, 15, 45, 120, 300, 900, 1800, 3600)

# The table itself: nobody holds these rows as objects, and a statement then costs half.
ROWS = cast(Table, Outbox.__table__)
TOLD = (Outbox.id, Outbox.kind, Outbox.key, Outbox.payload, Outbox.tries, Outbox.created_at)


@dataclass(frozen=True, slots=True)
class Job:
    """A claimed row: what to do, and which try this is (1 is the first)."""

    id: int
    kind: str
    key: str
    payload: dict[str, Any]
    tries: int
    created_at: datetime


@dataclass(frozen=True, slots=True)
class Done:
    """The work is complete."""


@dataclass(frozen=True, slots=True)
class Again:
    """It can be tried again, at `at`; None waits until something sets it due."""

    at: datetime | None
    reason: str


@dataclass(frozen=True, slots=True)
class GaveUp:
    """Trying again cannot help, or has been tried long enough."""

    reason: str


Outcome = Done | Again | GaveUp


def backoff(tries: int) -> timedelta:
    """How long to wait after the try of that number: 5, 15, 45 s, then longer, at most an hour."""
    return timedelta(seconds=BACKOFF_S[min(tries, len(BACKOFF_S)) - 1])


def when_store_is_back(job: Job, reason: str, now: datetime) -> Again:
    """The audio store cannot be used, for that reason: try again, and let those on watch see it."""
    return Again(now + backoff(job.tries), f"{STORE_DOWN} ({reason})")


def put(
    db: Session, queue: Queue, kind: str, key: str, payload: dict[str, Any], now: datetime, due_at: datetime | None
) -> bool:
    """Queue work once; False where work with this key is there already (it is left as it is)."""
    row = {
        "queue": queue,
        "kind": kind,
        "key": key,
        "payload": payload,
        "state": "pending",
        "due_at": due_at,
        "tries": 0,
        "created_at": now,
    }
    putting = insert_into(db, Outbox).values(**row).on_conflict_do_nothing(index_elements=["key"])
    return db.execute(putting.returning(Outbox.id)).first() is not None


def set_due(db: Session, keys: Sequence[str], due_at: datetime) -> None:
    """Make waiting work due at that moment, or earlier than planned; finished work stays finished."""
    later = or_(Outbox.due_at.is_(None), Outbox.due_at > due_at)
    db.execute(update(ROWS).where(Outbox.key.in_(keys), Outbox.state == "pending", later).values(due_at=due_at))


def run_again(db: Session, key: str, now: datetime) -> None:
    """Put finished or failed work back, as if it had never run."""
    fresh = {"state": "pending", "due_at": now, "tries": 0, "error": None, "done_at": None, "lease_until": None}
    db.execute(update(ROWS).where(Outbox.key == key).values(**fresh))


def claim(db: Session, queue: Queue, by: str, now: datetime) -> Job | None:
    """Take the work that is longest due, or None. The lease runs `LEASE`; renew it while working longer."""
    free = or_(Outbox.lease_until.is_(None), Outbox.lease_until <= now)
    ready = (Outbox.queue == queue, Outbox.state == "pending", Outbox.due_at <= now, free)
    candidates = db.execute(select(Outbox.id).where(*ready).order_by(Outbox.due_at, Outbox.id).limit(8)).scalars().all()
    for row_id in candidates:
        taking = {"lease_until": now + LEASE, "claimed_by": by, "tries": Outbox.tries + 1}
        # Two workers may read the same row; the condition lets exactly one keep it.
        taken = update(ROWS).where(Outbox.id == row_id, *ready).values(**taking)
        if row := db.execute(taken.returning(*TOLD)).one_or_none():
            return Job(*row)
    return None


def renew(db: Session, job: Job, by: str, now: datetime) -> bool:
    """Keep the lease; False where another worker has the row by now."""
    kept = db.execute(
        update(ROWS)
        .where(Outbox.id == job.id, Outbox.claimed_by == by, Outbox.state == "pending")
        .values(lease_until=now + LEASE)
    )
    return changed(kept) == 1


def settle(db: Session, job: Job, by: str, outcome: Outcome, now: datetime) -> None:
    """Write how it went; a worker that lost its lease changes nothing."""
    match outcome:
        case Done():
            change: dict[str, Any] = {"state": "done", "done_at": now, "error": None}
        case Again(at, reason):
            change = {"due_at": at, "error": reason}
        case GaveUp(reason):
            change = {"state": "failed", "done_at": now, "error": reason}
    db.execute(
        update(ROWS)
        .where(Outbox.id == job.id, Outbox.claimed_by == by)
        .values(**change, lease_until=None, claimed_by=None)
    )


def due_queues(db: Session, now: datetime) -> set[str]:
    """The queues in which something can be claimed now."""
    free = or_(Outbox.lease_until.is_(None), Outbox.lease_until <= now)
    return set(
        db.execute(
            select(Outbox.queue).where(Outbox.state == "pending", Outbox.due_at <= now, free).distinct()
        ).scalars()
    )
