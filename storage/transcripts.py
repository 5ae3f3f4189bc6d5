"""Transcripts: queued, written, or why there is none."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from storage import outbox
from storage.database import changed, insert_into
from storage.models import Transcript, Verbatim


def queue(db: Session, verbatim_id: int, no_model: str | None, now: datetime) -> None:
    """Have a verbatim transcribed, once; where `no_model` says why nobody can now, it is `unavailable` for the time."""
    status = "unavailable" if no_model else "queued"
    row = {"verbatim_id": verbatim_id, "status": status, "reason": no_model, "segments": [], "tries": 0}
    db.execute(insert_into(db, Transcript).values(**row).on_conflict_do_nothing(index_elements=["verbatim_id"]))
    outbox.put(db, "transcription", "transcribe", _key(verbatim_id), {"verbatim": verbatim_id}, now, due_at=now)


def queue_again(db: Session, verbatim_id: int, now: datetime) -> None:
    """Transcribe once more what was unavailable or failed."""
    fresh = {"status": "queued", "reason": None, "tries": 0, "finished_at": None}
    db.execute(update(Transcript).where(Transcript.verbatim_id == verbatim_id).values(**fresh))
    outbox.run_again(db, _key(verbatim_id), now)


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


def missing(db: Session) -> Sequence[int]:
    """Ids of stored verbatims without words, longest stored first, that another try may give some."""
    lacking = select(Verbatim.id).join(Transcript, Transcript.verbatim_id == Verbatim.id, isouter=True)
    lacking = lacking.where(Verbatim.status == "stored", Transcript.status.in_(("unavailable", "failed")))
    return db.execute(lacking.order_by(Verbatim.stored_at, Verbatim.id)).scalars().all()


def _key(verbatim_id: int) -> str:
    return f"transcript:{verbatim_id}"
