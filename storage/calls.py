"""Calls, and what is kept of their callers. How a call goes on is in `turns.py`."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import insert, literal, select, update
from sqlalchemy.orm import Session

from storage.database import Database, insert_into
from storage.lane import read_moment
from storage.models import Answer, Call, Caller, CallEvent


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


def lock_all(db: Session, call_sids: Sequence[str]) -> Sequence[Call]:
    """These calls as the last transaction left them, earliest first, kept from others until this one ends."""
    wanted = select(Call).where(Call.call_sid.in_(call_sids)).order_by(Call.started_at, Call.call_sid)
    return db.execute(wanted.with_for_update().execution_options(populate_existing=True)).scalars().all()


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


class Latest(NamedTuple):
    """The last call about a contact, and how it stands."""

    call_sid: str
    version: str
    state: str
    left_step: str | None
    disposition: str
    ended_by: str | None
    is_over: bool
    heard_at: datetime


def latest_about(database: Database, survey: str, call_key: str | None, ticket: str | None) -> Latest | None:
    """The last call through a survey with that `call_key`; else with that ticket, unless it has another `call_key`."""
    found = None
    if call_key:
        found = database.lane.first(
            LATEST.format(about="call_key = :call_key"), {"survey": survey, "call_key": call_key}
        )
    if found is None and ticket:
        about = "ticket = :ticket AND call_key IS NULL" if call_key else "ticket = :ticket"
        found = database.lane.first(LATEST.format(about=about), {"survey": survey, "ticket": ticket})
    if found is None:
        return None
    call_sid, version, state, left_step, disposition, ended_by, is_over, heard_at = found
    return Latest(call_sid, version, state, left_step, disposition, ended_by, bool(is_over), read_moment(heard_at))


# Nothing is added to ticket or key, so that their indexes are used, and not those of the survey's million calls.
LATEST = """SELECT call_sid, version, state, left_step, disposition, ended_by, ended_at IS NOT NULL, heard_at
FROM calls WHERE {about} AND survey || '' = :survey ORDER BY heard_at DESC LIMIT 1"""


def earlier(db: Session, call: Call) -> list[str]:
    """SIDs of the calls that a call goes on with, the last one first; of most calls, none."""
    sids: list[str] = []
    before = call.continues
    while before is not None:
        sids.append(before)
        before = db.execute(select(Call.continues).where(Call.call_sid == before)).scalar_one_or_none()
    return sids


def line(db: Session, call: Call) -> list[str]:
    """SIDs of the calls that went on with each other, this one among them, the first first; of most calls, only it."""
    sids = [*reversed(earlier(db, call)), call.call_sid]
    while (
        after := db.execute(select(Call.call_sid).where(Call.continues == sids[-1])).scalar_one_or_none()
    ) is not None:
        sids.append(after)
    return sids


def take_over_answers(db: Session, call_sid: str, before: str, steps: Iterable[str]) -> None:
    """The answers of an earlier call, at these steps, stand in the books of the call that goes on with it, too."""
    columns = [Answer.value, Answer.label, Answer.keys, Answer.input, Answer.missing, Answer.at]
    given = select(literal(call_sid), Answer.step, *columns).where(Answer.call_sid == before, Answer.step.in_(steps))
    db.execute(insert(Answer).from_select([Answer.call_sid, Answer.step, *columns], given))


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
