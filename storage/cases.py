"""Cases: opened once for a key, joined by later alerts, with everything that happened to them."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Select, Text, cast, insert, select, text, update
from sqlalchemy.orm import Session

from storage.database import insert_into
from storage.models import Case, CaseEvent, CaseTrigger

OPEN = Case.closed_at.is_(None)


def open_case(db: Session, row: Mapping[str, Any]) -> int | None:
    """Store a new case and give its number; None where a case with this key is open already."""
    statement = insert_into(db, Case).values(**row)
    statement = statement.on_conflict_do_nothing(index_elements=["key"], index_where=text("closed_at IS NULL"))
    number: int | None = db.execute(statement.returning(Case.number)).scalar_one_or_none()
    return number


def lock(db: Session, number: int) -> Case:
    """The case as the last transaction left it, kept from others until this one ends."""
    return db.execute(_held(select(Case).where(Case.number == number))).scalar_one()


def lock_open(db: Session, key: str) -> Case | None:
    """The open case of a key, kept from others until the transaction ends."""
    return db.execute(_held(select(Case).where(Case.key == key, OPEN))).scalar_one_or_none()


def lock_of_call(db: Session, *call_sids: str) -> Case | None:
    """The case that the alerts of a call lead to, or of several, kept from others until the transaction ends."""
    of_calls = select(CaseTrigger.case_number).where(CaseTrigger.call_sid.in_(call_sids))
    number = of_calls.order_by(CaseTrigger.id.desc()).limit(1).scalar_subquery()
    return db.execute(_held(select(Case).where(Case.number == number))).scalar_one_or_none()


def find(db: Session, number: int) -> Case | None:
    return db.get(Case, number)


def find_of_call(db: Session, call_sid: str) -> Case | None:
    """The case that a call's alerts lead to."""
    number = select(CaseTrigger.case_number).where(CaseTrigger.call_sid == call_sid).limit(1).scalar_subquery()
    return db.execute(select(Case).where(Case.number == number)).scalar_one_or_none()


def page(db: Session, state: str | None, team: str | None, after: int | None, limit: int) -> Sequence[Case]:
    """Cases by number, oldest first, beginning behind the number `after`."""
    wanted = select(Case).order_by(Case.number).limit(limit)
    if state is not None:
        wanted = wanted.where(Case.state == state)
    if team is not None:
        wanted = wanted.where(Case.team == team)
    if after is not None:
        wanted = wanted.where(Case.number > after)
    return db.execute(wanted).scalars().all()


def let_go_of_key(db: Session, key: str, opened_before: datetime) -> None:
    """A case too old to be joined makes room for a new one under its key; it stays open."""
    old = (Case.key == key, OPEN, Case.opened_at <= opened_before)
    db.execute(update(Case).where(*old).values(key=Case.key + "/before/" + cast(Case.number, Text)))


def let_go_of_keys(db: Session, call_sids: Sequence[str]) -> None:
    """The cases that these calls opened are found by nothing of the caller's any more."""
    nameless = Case.survey + "/erased/" + cast(Case.number, Text)
    db.execute(update(Case).where(Case.call_sid.in_(call_sids)).values(key=nameless))


def numbers_of(db: Session, call_sids: Sequence[str]) -> Sequence[int]:
    """The cases that the alerts of these calls led to."""
    led_to = select(CaseTrigger.case_number).where(CaseTrigger.call_sid.in_(call_sids)).distinct()
    return db.execute(led_to).scalars().all()


def rules_raised(db: Session, *call_sids: str) -> set[str]:
    """Names of the alert rules that these calls have raised so far."""
    return set(db.execute(select(CaseTrigger.rule).where(CaseTrigger.call_sid.in_(call_sids))).scalars())


def add_triggers(db: Session, rows: Sequence[Mapping[str, Any]]) -> None:
    db.execute(insert(CaseTrigger), [dict(row) for row in rows])


def triggers(db: Session, number: int) -> Sequence[CaseTrigger]:
    """All triggers of a case, in the order in which they were raised."""
    wanted = select(CaseTrigger).where(CaseTrigger.case_number == number).order_by(CaseTrigger.id)
    return db.execute(wanted).scalars().all()


def attached_steps(db: Session, call_sids: Sequence[str]) -> list[str]:
    """The voice steps that any rule raised by these calls attaches, each once."""
    rows = db.execute(select(CaseTrigger.attach).where(CaseTrigger.call_sid.in_(call_sids)).order_by(CaseTrigger.id))
    return list(dict.fromkeys(step for (attach,) in rows for step in attach))


def add_event(db: Session, number: int, kind: str, by: str, at: datetime, **data: Any) -> None:
    """Write down what happened to a case; it is never changed, but for a caller's word that must go."""
    db.execute(insert(CaseEvent).values(case_number=number, type=kind, by=by, at=at, data=data))


def events(db: Session, number: int) -> Sequence[CaseEvent]:
    wanted = select(CaseEvent).where(CaseEvent.case_number == number).order_by(CaseEvent.id)
    return db.execute(wanted).scalars().all()


def events_of(db: Session, number: int, kind: str) -> Sequence[CaseEvent]:
    """The events of a case that are of that kind, the first first."""
    return [event for event in events(db, number) if event.type == kind]


def forget_words(db: Session, number: int, verbatim_ids: Collection[int]) -> None:
    """The words heard in these verbatims go out of a case's history; that one was heard, and by which rule, stays."""
    for event in events_of(db, number, "word_heard"):
        if event.data.get("verbatim") in verbatim_ids:
            event.data = event.data | {"word": None}


def _held(wanted: Select[Case]) -> Select[Case]:
    return wanted.with_for_update().execution_options(populate_existing=True)
