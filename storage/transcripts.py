"""Transcripts: queued, written, or why there is none."""

from collections import Counter
from datetime import datetime
from typing import Any

from sqlalchemy import Select, Text, and_, cast, func, or_, select, update
from sqlalchemy.orm import Session

from storage import outbox
from storage.database import changed, insert_into
from storage.models import Outbox, Transcript, Verbatim

KEY_HEAD = "transcript:"  # of the work in the outbox; the verbatim's number follows


def queue(db: Session, verbatim_id: int, no_model: str | None, now: datetime) -> None:
    """Have a verbatim transcribed, once; where `no_model` says why nobody can now, it is `unavailable` until then."""
    status = "unavailable" if no_model else "queued"
    row = {"verbatim_id": verbatim_id, "status": status, "reason": no_model, "segments": [], "tries": 0}
    db.execute(insert_into(db, Transcript).values(**row).on_conflict_do_nothing(index_elements=["verbatim_id"]))
    outbox.put(db, "transcription", "transcribe", _key(verbatim_id), {"verbatim": verbatim_id}, now, due_at=now)


def queue_missing(db: Session, now: datetime, most: int = 200) -> int:
    """Queue stored verbatims that have no words and are not due to be read, longest stored first; gives how many.

    At most so many at a time, since calls wait for the lock meanwhile.
    """
    lacking = select(Verbatim.id).join(Transcript, Transcript.verbatim_id == Verbatim.id, isouter=True)
    lacking = lacking.join(Outbox, Outbox.key == KEY_HEAD + cast(Verbatim.id, Text), isouter=True)
    given_up = or_(Transcript.status.in_(("unavailable", "failed")), Transcript.verbatim_id.is_(None))
    not_due = or_(Outbox.id.is_(None), Outbox.state != "pending", Outbox.due_at.is_(None), Outbox.due_at > now)
    unread = or_(given_up, and_(Transcript.status == "queued", not_due))
    lacking = lacking.where(Verbatim.status == "stored", unread).order_by(Verbatim.stored_at, Verbatim.id)
    found = db.execute(lacking.limit(most)).scalars().all()
    fresh = {"status": "queued", "reason": None, "tries": 0, "finished_at": None}
    for verbatim_id in found:
        queue(db, verbatim_id, None, now)
        db.execute(update(Transcript).where(Transcript.verbatim_id == verbatim_id).values(**fresh))
        outbox.run_again(db, _key(verbatim_id), now)
    return len(found)


def due(db: Session, now: datetime) -> int:
    """How many are to be read now, or are being read."""
    waiting = (Outbox.kind == "transcribe", Outbox.state == "pending", Outbox.due_at <= now)
    return db.execute(select(func.count()).select_from(Outbox).where(*waiting)).scalar_one()


def keys_of_unavailable() -> Select[str]:
    """The work in the outbox that waits for a model."""
    return select(KEY_HEAD + cast(Transcript.verbatim_id, Text)).where(Transcript.status == "unavailable")


def statuses(db: Session, since: datetime) -> Counter[str]:
    """How many are queued, and how many have since then become ready, empty, failed, unavailable."""
    lately = or_(Transcript.status == "queued", Transcript.finished_at >= since)
    counted = select(Transcript.status, func.count()).where(lately).group_by(Transcript.status)
    return Counter(dict(db.execute(counted).all()))


def find(db: Session, verbatim_id: int) -> Transcript | None:
    return db.get(Transcript, verbatim_id)


def count_try(db: Session, verbatim_id: int) -> int:
    """Note that a try begins; gives its number, 1 for the first."""
    begun = update(Transcript).where(Transcript.verbatim_id == verbatim_id).values(tries=Transcript.tries + 1)
    return db.execute(begun.returning(Transcript.tries)).scalar_one()


def finish(db: Session, verbatim_id: int, status: str, now: datetime, **columns: Any) -> bool:
    """Write how it ended; False where the verbatim was deleted meanwhile, and its words with it."""
    columns = {"status": status, "reason": None, "finished_at": now, **columns}
    return changed(db.execute(update(Transcript).where(Transcript.verbatim_id == verbatim_id).values(**columns))) == 1


def _key(verbatim_id: int) -> str:
    return f"{KEY_HEAD}{verbatim_id}"
