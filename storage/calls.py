"""Calls, and what is kept of their callers. How a call goes on is in `turns.py`."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import insert, select, update
from sqlalchemy.orm import Session

from storage.database import Database, insert_into
from storage.models import Call, Caller, CallEvent


def find(db: Session, call_sid: str) -> Call | None:
    return db.get(Call, call_sid)


def get(db: Session, call_sid: str) -> Call:
    """The call as this transaction has left it.

    Raises:
        sqlalchemy.exc.NoResultFound: there is none.
    """
    return db.get_one(Call, call_sid, populate_existing=True)


def lock(db: Session, call_sid: str) -> Call | None:
    """The call, kept from others until the transaction ends."""
    return db.execute(select(Call).where(Call.call_sid == call_sid).with_for_update()).scalar_one_or_none()


def change(db: Session, call_sid: str, **columns: Any) -> None:
    db.execute(update(Call).where(Call.call_sid == call_sid).values(**columns))


def keep_events(
    db: Session, call_sid: str, turn: int, now: datetime, events: Sequence[tuple[str, Mapping[str, Any]]]
) -> None:
    """Store what happened: pairs of the event's name and its data."""
    if events:
        rows = [{"call_sid": call_sid, "turn": turn, "at": now, "type": kind, "data": data} for kind, data in events]
        db.execute(insert(CallEvent), rows)


def silent_since(db: Session, before: datetime, limit: int = 100) -> Sequence[str]:
    """SIDs of calls still open in the books that were last heard of before that moment."""
    quiet = (Call.ended_at.is_(None), Call.heard_at < before)
    return db.execute(select(Call.call_sid).where(*quiet).order_by(Call.heard_at).limit(limit)).scalars().all()


class KnownCaller(NamedTuple):
    """What is kept of a caller between calls."""

    language: str | None = None
    opted_out: bool = False


def known_caller(database: Database, number: str | None) -> KnownCaller:
    """What is known of the caller of that number; nothing of one who withholds it."""
    row = database.lane.first(KNOWN_CALLER, {"number": number}) if number else None
    return KnownCaller(row[0], bool(row[1])) if row else KnownCaller()


KNOWN_CALLER = "SELECT language, opted_out_at IS NOT NULL FROM callers WHERE number = :number"


def remember_caller(db: Session, number: str, **known: Any) -> None:
    """Keep what is known of a caller between calls: `language`, `opted_out_at`."""
    statement = insert_into(db, Caller).values(number=number, **known)
    db.execute(statement.on_conflict_do_update(index_elements=["number"], set_=known))
