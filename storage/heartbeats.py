"""Which background processes were heard of, and when."""

from collections.abc import Mapping
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from storage.database import insert_into
from storage.models import Heartbeat


def beat(db: Session, name: str, now: datetime) -> None:
    """The process of that name (`worker:alerts`, `clock`) lives."""
    statement = insert_into(db, Heartbeat).values(name=name, beat_at=now)
    db.execute(statement.on_conflict_do_update(index_elements=["name"], set_={"beat_at": now}))


def last_beats(db: Session) -> Mapping[str, datetime]:
    return {row.name: row.beat_at for row in db.execute(select(Heartbeat)).scalars()}
