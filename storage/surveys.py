"""Published surveys: versions that never change, and which of them was made current last."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from storage.database import insert_into
from storage.models import SurveyVersion


def publish(db: Session, survey: str, version: str, source: str, now: datetime) -> None:
    """Make a version the current one; one that was published before becomes current again."""
    newest = db.execute(select(func.max(SurveyVersion.published_at)).where(SurveyVersion.survey == survey)).scalar()
    at = now if newest is None or now > newest else newest + timedelta(microseconds=1)  # whatever the clock does
    statement = insert_into(db, SurveyVersion).values(version=version, survey=survey, source=source, published_at=at)
    again = {"published_at": statement.excluded.published_at}
    db.execute(statement.on_conflict_do_update(index_elements=["version"], set_=again))


def latest(db: Session, survey: str) -> str | None:
    """The version that was made current last; None for a survey that was never published."""
    versions = select(SurveyVersion.version).where(SurveyVersion.survey == survey)
    return db.execute(versions.order_by(SurveyVersion.published_at.desc(), SurveyVersion.version).limit(1)).scalar()


def source(db: Session, version: str) -> str | None:
    """The text of a version's file."""
    return db.execute(select(SurveyVersion.source).where(SurveyVersion.version == version)).scalar()


def history(db: Session, survey: str) -> Sequence[SurveyVersion]:
    """All versions of a survey, the one made current last first."""
    versions = select(SurveyVersion).where(SurveyVersion.survey == survey)
    return db.execute(versions.order_by(SurveyVersion.published_at.desc(), SurveyVersion.version)).scalars().all()
