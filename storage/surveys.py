"""Published surveys: versions that never change, and which of them was made current last."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from storage.database import Database, insert_into
from storage.models import Answer, Call, CaseTrigger, SurveyVersion, Verbatim


def publish(db: Session, survey: str, version: str, source: str, now: datetime) -> None:
    """Make a version the current one; one that was published before becomes current again."""
    newest = db.execute(select(func.max(SurveyVersion.published_at)).where(SurveyVersion.survey == survey)).scalar()
    at = now if newest is None or now > newest else newest + timedelta(microseconds=1)  # whatever the clock does
    statement = insert_into(db, SurveyVersion).values(version=version, survey=survey, source=source, published_at=at)
    again = {"published_at": statement.excluded.published_at}
    db.execute(statement.on_conflict_do_update(index_elements=["version"], set_=again))


def latest(database: Database, survey: str) -> str | None:
    """The version that was made current last; None for a survey that was never published."""
    row = database.lane.first(LATEST, {"survey": survey})
    version: str | None = row[0] if row else None
    return version


LATEST = "SELECT version FROM survey_versions WHERE survey = :survey ORDER BY published_at DESC, version LIMIT 1"


def source(db: Session, version: str) -> str | None:
    """The text of a version's file."""
    return db.execute(select(SurveyVersion.source).where(SurveyVersion.version == version)).scalar()


def history(db: Session, survey: str) -> Sequence[SurveyVersion]:
    """All versions of a survey, the one made current last first."""
    versions = select(SurveyVersion).where(SurveyVersion.survey == survey)
    return db.execute(versions.order_by(SurveyVersion.published_at.desc(), SurveyVersion.version)).scalars().all()


def scores_since(db: Session, survey: str, since: datetime) -> Sequence[tuple[datetime, str, dict[str, float]]]:
    """Of each call of a survey begun since then: when it began, on which version, and what it earned by score."""
    recent = (Call.survey == survey, Call.started_at >= since)
    found = db.execute(select(Call.started_at, Call.version, Call.scores).where(*recent).order_by(Call.started_at))
    return [(at, version, scores) for at, version, scores in found]


def responses_since(db: Session, survey: str, since: datetime) -> Iterator[tuple[Call, dict[str, Any], frozenset[str]]]:
    """Each call of a survey begun since then, with its answers by step (a kept verbatim among them) and its alerts."""
    recent = (Call.survey == survey, Call.started_at >= since)
    answers: dict[str, dict[str, Any]] = defaultdict(dict)
    raised: dict[str, set[str]] = defaultdict(set)
    given = select(Answer.call_sid, Answer.step, Answer.value).join(Call, Call.call_sid == Answer.call_sid)
    for call_sid, step, value in db.execute(given.where(*recent, Answer.missing.is_(None))):
        answers[call_sid][step] = value
    spoken = select(Verbatim.call_sid, Verbatim.step).join(Call, Call.call_sid == Verbatim.call_sid)
    for call_sid, step in db.execute(spoken.where(*recent, Verbatim.kept, Verbatim.recording_sid.is_not(None))):
        answers[call_sid][step] = "recorded"
    alerts = select(CaseTrigger.call_sid, CaseTrigger.rule).join(Call, Call.call_sid == CaseTrigger.call_sid)
    for call_sid, rule in db.execute(alerts.where(*recent)):
        raised[call_sid].add(rule)
    for call in db.execute(select(Call).where(*recent).order_by(Call.started_at)).scalars():
        yield call, answers[call.call_sid], frozenset(raised[call.call_sid])
