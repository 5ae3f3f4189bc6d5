"""What follows from a turn beside the call's own row: words to wait for, alerts, what is known of the caller."""

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from alerts.rules import judge
from alerts.teams import Teams
from ivr import engine
from ivr.call import (
    AnswerGiven,
    AnswerMissing,
    AnswerSettled,
    CallEnded,
    CallState,
    Event,
    LanguageChanged,
    OptedOut,
    Turn,
    ValueSet,
    VerbatimAsked,
    VerbatimDiscarded,
    VerbatimRecorded,
)
from ivr.steps.callback import Callback
from ivr.steps.voice import Voice
from ivr.survey.parts import Privacy
from ivr.survey.shapes import AlertRule, Survey
from recovery.case import Calling, raise_alerts, release
from storage import calls, turns, verbatims
from storage.database import Database

# Events that change rows beside those of the call; that can make a rule true; that can make a waiting message due.
ELSEWHERE = VerbatimAsked | VerbatimRecorded | VerbatimDiscarded | OptedOut | LanguageChanged
DECIDING = AnswerGiven | AnswerSettled | AnswerMissing | ValueSet | CallEnded
RELEASING = VerbatimRecorded | VerbatimDiscarded | CallEnded


def of(
    database: Database,
    teams: Callable[[], Teams],
    call_sid: str,
    survey: Survey,
    before: CallState | None,
    turn: Turn,
    now: datetime,
) -> Callable[[Session], None] | None:
    """What the transaction of a turn writes besides the call; `before` is where the caller was, None at the beginning.

    None for most turns, which are the quicker for it.
    """
    elsewhere = [event for event in turn.events if isinstance(event, ELSEWHERE)]
    matched = _newly_matched(survey, before, turn)
    may_release = any(isinstance(event, RELEASING) for event in turn.events) or _is_reviewed(before)
    releases = may_release and (bool(elsewhere) or turns.concerns_others(database, call_sid))
    if not (elsewhere or matched or releases):
        return None

    def write(db: Session) -> None:
        for event in turn.events:
            _keep_event(db, call_sid, survey, turn.state, event, now)
        if matched:
            calling = _calling(survey, turn.state)
            raise_alerts(db, calls.get(db, call_sid), matched, teams(), now, calling=calling)
        if may_release:
            release(db, call_sid, now)

    return write


def _newly_matched(survey: Survey, before: CallState | None, turn: Turn) -> Sequence[AlertRule]:
    """The rules that hold, where they are others than before the turn, or the caller's wish to be called is."""
    if not survey.alerts or not any(isinstance(event, DECIDING) for event in turn.events):
        return ()
    matched = judge(survey, engine.env_of(turn.state))
    if before is None or not matched:
        return matched
    was = (judge(survey, engine.env_of(before)), _calling(survey, before))
    return () if was == (matched, _calling(survey, turn.state)) else matched


def _is_reviewed(before: CallState | None) -> bool:
    """A message was under review: the caller may have kept it, and then it may leave."""
    return before is not None and before.phase == "review"


def _calling(survey: Survey, state: CallState) -> Calling:
    """Whether the caller may be called back, as far as they were asked."""
    said = {
        state.answers[step.id].value
        for step in survey.all_steps
        if isinstance(step, Callback) and step.id in state.answers
    }
    return "allowed" if "yes" in said else "refused" if "no" in said else "not_asked"


def _keep_event(db: Session, call_sid: str, survey: Survey, state: CallState, event: Event, now: datetime) -> None:
    """The rows elsewhere that an event changes."""
    match event:
        case VerbatimAsked(step):
            _ask_for_words(db, call_sid, survey, state, step, now)
        case VerbatimRecorded(step, recording_sid):
            verbatims.recorded(db, call_sid, step, recording_sid, now)
        case VerbatimDiscarded(step, recording_sid):
            verbatims.discarded(db, call_sid, step, recording_sid, "the caller deleted it", now)
        case OptedOut():
            _remember(db, call_sid, opted_out_at=now)
        case LanguageChanged(language):
            _remember(db, call_sid, language=language)
        case CallEnded():
            verbatims.call_ended(db, call_sid, now)


def _ask_for_words(db: Session, call_sid: str, survey: Survey, state: CallState, step_id: str, now: datetime) -> None:
    """The caller is about to speak; the survey says which names to expect, what to blank out and what to keep."""
    step = survey.step(step_id)
    privacy = step.privacy if isinstance(step, Voice) else Privacy()
    names = ", ".join(filter(None, (survey.hotwords(step_id), state.context.get("agent_name")))) or None
    language, redact = state.language, privacy.redact
    verbatims.asked(db, call_sid, step_id, language, names, now, redact=redact, keep_s=privacy.keep)


def _remember(db: Session, call_sid: str, **known: Any) -> None:
    """What holds for the caller's next call as well; a withheld number is not remembered."""
    if number := calls.get(db, call_sid).from_number:
        calls.remember_caller(db, number, **known)
