"""Published surveys: versions that never change, and which of them was made current last."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import Session, aliased

from storage import calls
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


def scores_since(db: Session, survey: str, since: datetime) -> Sequence[tuple[datetime, str, dict[str, float]]]:
    """Of each response begun since then: when it began, on which version, and what it earned by score."""
    whole = (*_recent(survey, since), _is_whole())
    found = db.execute(select(Call.started_at, Call.version, Call.scores).where(*whole).order_by(Call.started_at))
    return [(at, version, scores) for at, version, scores in found]


def responses_since(db: Session, survey: str, since: datetime) -> Iterator[tuple[Call, dict[str, Any], frozenset[str]]]:
    """Each response begun since then: its call, its answers by step (a kept verbatim among them) and its alerts.

    Of calls that went on with each other it is the last one, with what was left and raised in those before.
    """
    recent = _recent(survey, since)
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
    for call in db.execute(select(Call).where(*recent, _is_whole()).order_by(Call.started_at)).scalars():
        line = [*reversed(calls.earlier(db, call)), call.call_sid]
        said = {step: value for sid in line for step, value in answers[sid].items()}
        yield call, said, frozenset().union(*(raised[sid] for sid in line))


def _recent(survey: str, since: datetime) -> tuple[ColumnElement[bool], ...]:
    return Call.survey == survey, Call.started_at >= since


def _is_whole() -> ColumnElement[bool]:
    """Nobody went on with it: of calls that went on with each other, the last one has all the answers."""
    later = aliased(Call)
    return ~select(later.call_sid).where(later.continues == Call.call_sid).exists()
