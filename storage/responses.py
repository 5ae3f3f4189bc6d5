"""Responses: each call with its answers, the caller's own words, and the alerts it raised."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import chain

from sqlalchemy import Select, literal, select, tuple_
from sqlalchemy.orm import Session, defer

from storage.calls import earlier
from storage.models import Answer, Call, CaseTrigger, Transcript, UtcDateTime, Verbatim


@dataclass(frozen=True, slots=True)
class Words:
    """One verbatim; `transcript` is None until the audio is stored, and where it never is."""

    verbatim: Verbatim
    transcript: Transcript | None


@dataclass(frozen=True, slots=True)
class Response:
    """All that is known of one call. `answers` and `words` are by step; of several takes the kept one counts."""

    call: Call
    answers: Mapping[str, Answer]
    words: Mapping[str, Words]
    triggers: Sequence[CaseTrigger]


@dataclass(frozen=True, slots=True)
class Place:
    """Where a page of responses ended: the last call on it."""

    started_at: datetime
    call_sid: str


def find(db: Session, call_sid: str) -> Response | None:
    found = _with_parts(db, _calls().where(Call.call_sid == call_sid))
    return found[0] if found else None


def page(
    db: Session, limit: int, survey: str | None = None, since: datetime | None = None, after: Place | None = None
) -> Sequence[Response]:
    """At most `limit` responses in the order the calls began, of calls begun at `since` or later, after a place."""
    wanted = _calls().order_by(Call.started_at, Call.call_sid).limit(limit)
    if survey is not None:
        wanted = wanted.where(Call.survey == survey)
    if since is not None:
        wanted = wanted.where(Call.started_at >= since)
    if after is not None:
        place = tuple_(literal(after.started_at, UtcDateTime), literal(after.call_sid))
        wanted = wanted.where(tuple_(Call.started_at, Call.call_sid) > place)
    return _with_parts(db, wanted)


def find_recording(db: Session, recording_sid: str) -> Verbatim | None:
    return db.execute(select(Verbatim).where(Verbatim.recording_sid == recording_sid)).scalar_one_or_none()


def _calls() -> Select[Call]:
    """The engine's memory and the carrier's document stay where they are: they are large, and not asked for here."""
    return select(Call).options(defer(Call.state), defer(Call.reply))


def _with_parts(db: Session, wanted: Select[Call]) -> Sequence[Response]:
    """One query for each kind of part, however many calls there are.

    Words and alerts of a call that went on with an earlier one are those of both.
    """
    calls = db.execute(wanted).scalars().all()
    lines = {call.call_sid: [call.call_sid, *earlier(db, call)] for call in calls}
    sids = list(chain.from_iterable(lines.values()))
    answers, words, triggers = _answers(db, lines), _words(db, sids), _triggers(db, sids)
    return [
        Response(
            call,
            answers[call.call_sid],
            {step: said for sid in reversed(lines[call.call_sid]) for step, said in words[sid].items()},
            [trigger for sid in reversed(lines[call.call_sid]) for trigger in triggers[sid]],
        )
        for call in calls
    ]


def _answers(db: Session, sids: Iterable[str]) -> Mapping[str, dict[str, Answer]]:
    found: defaultdict[str, dict[str, Answer]] = defaultdict(dict)
    for answer in db.execute(select(Answer).where(Answer.call_sid.in_(sids))).scalars():
        found[answer.call_sid][answer.step] = answer
    return found


def _words(db: Session, sids: Iterable[str]) -> Mapping[str, dict[str, Words]]:
    takes = (
        select(Verbatim, Transcript)
        .outerjoin(Transcript, Transcript.verbatim_id == Verbatim.id)
        .where(Verbatim.call_sid.in_(sids))
        .order_by(Verbatim.kept, Verbatim.id)  # the last one wins: the kept take, else the latest
    )
    found: defaultdict[str, dict[str, Words]] = defaultdict(dict)
    for verbatim, transcript in db.execute(takes):
        found[verbatim.call_sid][verbatim.step] = Words(verbatim, transcript)
    return found


def _triggers(db: Session, sids: Iterable[str]) -> Mapping[str, list[CaseTrigger]]:
    found: defaultdict[str, list[CaseTrigger]] = defaultdict(list)
    for trigger in db.execute(
        select(CaseTrigger).where(CaseTrigger.call_sid.in_(sids)).order_by(CaseTrigger.id)
    ).scalars():
        found[trigger.call_sid].append(trigger)
    return found
