"""The books of a call: what the engine says happened, written down in one transaction with the alerts it raises.

Commit first, then answer. The carrier may repeat any request: a turn already taken gives the stored reply, a stale
one the present question, a call that is over a goodbye.
"""

from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

import msgspec
from sqlalchemy.orm import Session

from alerts.rules import judge
from alerts.teams import Teams
from ivr import engine
from ivr.call import (
    AnswerGiven,
    AnswerMissing,
    AnswerSettled,
    AnswerWithdrawn,
    CallEnded,
    CallState,
    Event,
    HungUp,
    Input,
    LanguageChanged,
    OptedOut,
    Recorded,
    Turn,
    ValueSet,
    VerbatimAsked,
    VerbatimDiscarded,
    VerbatimRecorded,
)
from ivr.orders import balanced_blocks
from ivr.steps.callback import Callback
from ivr.steps.voice import Voice
from ivr.survey.parts import Privacy
from ivr.survey.publish import Published, Surveys
from ivr.survey.shapes import Survey
from ivr.twilio.form import RecordingNews
from recovery.case import Calling, raise_alerts, release
from reports.scores import response_scores
from storage import blocks, calls, verbatims
from storage.database import Database
from storage.models import Call


@dataclass(frozen=True, slots=True)
class Opening:
    """What is known when a call begins. Numbers are None where they are withheld."""

    call_sid: str
    account_sid: str
    direction: str
    from_number: str | None
    to_number: str | None
    context: Mapping[str, str]
    data_problems: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Books:
    """Keeps calls in the database. `render` turns what is said next into the carrier's document."""

    database: Database
    surveys: Surveys
    teams: Callable[[], Teams]
    render: Callable[[str, Turn], str]
    draw_seed: Callable[[], int]
    now: Callable[[], datetime]

    def begin(self, opening: Opening, published: Published) -> str | None:
        """Begin a call, or give the present question of one that was begun before; None where it is over."""
        now = self.now()
        with self.database.transaction() as db:
            call = calls.lock(db, opening.call_sid)
            if call is None:
                return self._begin(db, opening, published, now)
            return None if call.ended_at else call.reply

    def take(self, call_sid: str, turn: int, heard: Input) -> str | None:
        """Take one turn and give the reply; None where there is no such call, or it is over."""
        now = self.now()
        with self.database.transaction() as db:
            call = calls.lock(db, call_sid)
            if call is None:
                return None
            if call.ended_at:
                return _after_the_end(db, call, turn, heard, now)
            if turn != call.turn:
                return call.reply
            return self._carry_on(db, call, heard, now)

    def hang_up(self, call_sid: str, heard: HungUp, line_s: int | None = None) -> bool:
        """Close the books of a call that is over at the carrier; False where they were closed or never opened."""
        now = self.now()
        with self.database.transaction() as db:
            call = calls.lock(db, call_sid)
            if call is None:
                return False
            if line_s is not None:
                calls.change(db, call_sid, line_s=line_s)
            if call.ended_at:
                return False
            self._carry_on(db, call, heard, now)
            return True

    def recording(self, call_sid: str, step: str, news: RecordingNews) -> None:
        """What the carrier says of a recording: it is complete, or it is not coming and why."""
        now = self.now()
        with self.database.transaction() as db:
            if calls.lock(db, call_sid) is None:
                return
            if news.status == "completed" and news.recording_sid:
                verbatims.announced(db, call_sid, step, news.recording_sid, news.duration_s, now)
            elif news.status != "completed":
                verbatims.not_coming(db, call_sid, step, news.recording_sid, news.status, news.reason or news.status)
            release(db, call_sid, now)

    def fail(self, call_sid: str) -> str | None:
        """End a call that went wrong on our side, and give the apology; None where it is over or unknown."""
        now = self.now()
        with self.database.transaction() as db:
            call = calls.lock(db, call_sid)
            if call is None or call.ended_at:
                return None
            survey = self.surveys.version(call.version)
            return self._go_on(db, call, survey, engine.fail(survey, _state(call)), now)

    def close_silent(self, before: datetime) -> int:
        """Close calls last heard of before that moment; gives how many."""
        with self.database.reading() as db:
            silent = calls.silent_since(db, before)
        return sum(self.hang_up(call_sid, HungUp(by="silence")) for call_sid in silent)

    def _begin(self, db: Session, opening: Opening, published: Published, now: datetime) -> str:
        caller = calls.find_caller(db, opening.from_number) if opening.from_number else None
        survey, opted_out = published.survey, caller is not None and caller.opted_out_at is not None
        turn = engine.begin(
            survey,
            opening.context,
            seed=self.draw_seed(),
            language=caller.language if caller else None,
            opted_out=opted_out,
            balance=blocks.count_call(db, survey.id, () if opted_out else balanced_blocks(survey)),
            number=opening.from_number,
        )
        reply = self.render(opening.call_sid, turn)
        calls.begin(
            db,
            {
                "call_sid": opening.call_sid,
                "account_sid": opening.account_sid,
                "survey": survey.id,
                "version": published.version,
                "direction": opening.direction,
                "from_number": opening.from_number,
                "to_number": opening.to_number,
                "context": dict(opening.context),
                "data_problems": list(opening.data_problems),
                "call_key": opening.context.get("call_key"),
                "ticket": opening.context.get("ticket"),
                "started_at": now,
                **_progress(turn.state, reply, now),
            },
        )
        self._keep(db, opening.call_sid, survey, turn, now)
        return reply

    def _carry_on(self, db: Session, call: Call, heard: Input, now: datetime) -> str:
        survey, state = self.surveys.version(call.version), _state(call)
        reply = self._go_on(db, call, survey, engine.resume(survey, state, heard), now)
        if state.phase == "review":  # a message that the caller kept may leave now
            release(db, call.call_sid, now)
        return reply

    def _go_on(self, db: Session, call: Call, survey: Survey, turn: Turn, now: datetime) -> str:
        reply = self.render(call.call_sid, turn)
        calls.change(db, call.call_sid, **_progress(turn.state, reply, now))
        self._keep(db, call.call_sid, survey, turn, now)
        return reply

    def _keep(self, db: Session, call_sid: str, survey: Survey, turn: Turn, now: datetime) -> None:
        """Write down what happened, then judge the alert rules by it."""
        state, events = turn.state, turn.events
        calls.keep_answers(db, call_sid, [row for event in events if (row := _answer_row(event, now))])
        calls.keep_events(
            db, call_sid, state.turn - 1, now, [(type(event).__name__, asdict(event)) for event in events]
        )
        for event in events:
            _keep_event(db, call_sid, survey, state, event, now)
        if any(isinstance(event, DECIDING) for event in events):
            self._judge(db, call_sid, survey, state, now)
        if any(isinstance(event, RELEASING) for event in events):
            release(db, call_sid, now)

    def _judge(self, db: Session, call_sid: str, survey: Survey, state: CallState, now: datetime) -> None:
        env = engine.env_of(state)
        if matched := judge(survey, env):
            call = calls.get(db, call_sid)
            raise_alerts(db, call, matched, self.teams(), now, calling=_calling(survey, state))


# Events that can make a rule true, and those that can make a waiting message due.
DECIDING = AnswerGiven | AnswerSettled | AnswerMissing | ValueSet | CallEnded
RELEASING = VerbatimRecorded | VerbatimDiscarded | CallEnded


def _after_the_end(db: Session, call: Call, turn: int, heard: Input, now: datetime) -> str | None:
    """The carrier may tell of a recording after it told of the hang-up: its audio still counts."""
    if isinstance(heard, Recorded):
        for open_one in [
            verbatim for verbatim in verbatims.of_call(db, call.call_sid) if verbatim.status == "recording"
        ]:
            verbatims.recorded(db, call.call_sid, open_one.step, heard.recording_sid, now)
        release(db, call.call_sid, now)
    return call.reply if turn == call.turn - 1 else None


def _progress(state: CallState, reply: str, now: datetime) -> dict[str, Any]:
    """The columns of a call that every turn moves on."""
    return {
        "turn": state.turn,
        "state": msgspec.json.encode(state).decode(),
        "reply": reply,
        "language": state.language,
        "heard_at": now,
        "opted_out": state.opted_out,
    }


def _state(call: Call) -> CallState:
    return msgspec.json.decode(call.state, type=CallState)


def _answer_row(event: Event, now: datetime) -> dict[str, Any] | None:
    empty = {"value": None, "label": None, "keys": None, "input": None, "missing": None, "at": now}
    match event:
        case AnswerGiven(step, value, label, keys, how):
            return {**empty, "step": step, "value": value, "label": label, "keys": keys, "input": how}
        case AnswerWithdrawn(step):
            return {**empty, "step": step, "at": None}
        case AnswerMissing(step, reason):
            return {**empty, "step": step, "missing": reason, "at": None if reason == "not_asked" else now}
    return None


def _calling(survey: Survey, state: CallState) -> Calling:
    """Whether the caller may be called back, as far as they were asked."""
    said = {
        state.answers[step.id].value
        for step in survey.all_steps
        if isinstance(step, Callback) and step.id in state.answers
    }
    return "allowed" if "yes" in said else "refused" if "no" in said else "not_asked"


def _keep_event(db: Session, call_sid: str, survey: Survey, state: CallState, event: Event, now: datetime) -> None:
    """The rows beside the answers that an event changes."""
    match event:
        case VerbatimAsked(step):
            _ask_for_words(db, call_sid, survey, state, step, now)
        case VerbatimRecorded(step, recording_sid):
            verbatims.recorded(db, call_sid, step, recording_sid, now)
        case VerbatimDiscarded(step, recording_sid):
            verbatims.discarded(db, call_sid, step, recording_sid, "the caller deleted it", now)
        case OptedOut() | LanguageChanged():
            _remember(db, call_sid, state, event, now)
        case CallEnded():
            _close(db, call_sid, survey, state, event, now)


def _ask_for_words(db: Session, call_sid: str, survey: Survey, state: CallState, step_id: str, now: datetime) -> None:
    """The caller is about to speak; the survey says which names to expect, what to blank out and what to keep."""
    step = survey.step(step_id)
    privacy = step.privacy if isinstance(step, Voice) else Privacy()
    names = ", ".join(filter(None, (survey.hotwords(step_id), state.context.get("agent_name")))) or None
    language, redact = state.language, privacy.redact
    verbatims.asked(db, call_sid, step_id, language, names, now, redact=redact, keep_s=privacy.keep)


def _remember(db: Session, call_sid: str, state: CallState, event: Event, now: datetime) -> None:
    """What holds for the caller's next call as well; a withheld number is not remembered."""
    number = calls.get(db, call_sid).from_number
    if number:
        known = {"opted_out_at": now} if isinstance(event, OptedOut) else {"language": state.language}
        calls.remember_caller(db, number, **known)


def _close(db: Session, call_sid: str, survey: Survey, state: CallState, ended: CallEnded, now: datetime) -> None:
    earned = response_scores(survey, state.answers)
    calls.change(db, call_sid, ended_at=now, ended_by=ended.by, disposition=ended.disposition, scores=earned)
    verbatims.call_ended(db, call_sid, now)
