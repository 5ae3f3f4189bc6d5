"""Calls: begun, found, and carried on turn by turn. Plain statements: this is the path of every key press."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import insert, select, update
from sqlalchemy.orm import Session

from storage.database import insert_into
from storage.models import Answer, Call, Caller, CallEvent


def begin(db: Session, row: Mapping[str, Any]) -> bool:
    """Store a new call; False where a call with this SID is there already."""
    making = insert_into(db, Call).values(**row).on_conflict_do_nothing(index_elements=["call_sid"])
    return db.execute(making.returning(Call.call_sid)).first() is not None


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


def keep_answers(db: Session, call_sid: str, answers: Sequence[Mapping[str, Any]]) -> None:
    """Store answers, each over an earlier one at the same step."""
    if not answers:
        return
    statement = insert_into(db, Answer).values([{"call_sid": call_sid, **answer} for answer in answers])
    columns = ("value", "label", "keys", "input", "missing", "at")
    fresh = {name: statement.excluded[name] for name in columns}
    db.execute(statement.on_conflict_do_update(index_elements=["call_sid", "step"], set_=fresh))


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


def find_caller(db: Session, number: str) -> Caller | None:
    return db.get(Caller, number)


def remember_caller(db: Session, number: str, **known: Any) -> None:
    """Keep what is known of a caller between calls: `language`, `opted_out_at`."""
    statement = insert_into(db, Caller).values(number=number, **known)
    db.execute(statement.on_conflict_do_update(index_elements=["number"], set_=known))
