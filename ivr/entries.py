"""What a turn becomes in the books: the columns of its call, the answers, and what happened."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

import msgspec

from ivr.call import AnswerGiven, AnswerMissing, AnswerWithdrawn, CallEnded, CallState, Event, Turn, is_number
from ivr.speaker import Speaker
from ivr.survey.shapes import Survey
from reports.scores import response_scores
from storage.turns import Entry, OnLine

LEFT = ("caller", "silence")  # who ends a call that reached no ending
ANSWERS = AnswerGiven | AnswerWithdrawn | AnswerMissing
NO_ANSWER: Mapping[str, Any] = dict.fromkeys(("value", "label", "keys", "input", "missing", "at"))


def beginning(call_sid: str, known: Mapping[str, Any], survey: Survey, turn: Turn, reply: str, now: datetime) -> Entry:
    """The entry that opens a call; `known` are the columns that stay as they are."""
    columns = {**known, "started_at": now, "scores": {}, "disposition": "in_progress", **_saying(survey, turn)}
    return _entry(call_sid, 0, columns, survey, turn, reply, now)


def progress(call: OnLine, before: CallState, survey: Survey, turn: Turn, reply: str, now: datetime) -> Entry:
    """The entry of the turn that was awaited; `before` is where the caller was."""
    ended = _ended(turn)
    if ended and ended.by in LEFT:  # the prompt in which they left stays in the books
        columns = _left(call, before, now, by_caller=ended.by == "caller")
    else:
        columns = _saying(survey, turn)
    return _entry(call.call_sid, call.turn, columns, survey, turn, reply, now)


def read_state(kept: str) -> CallState:
    """The state as a call's row keeps it."""
    return msgspec.json.decode(kept, type=CallState)


def _saying(survey: Survey, turn: Turn) -> dict[str, Any]:
    return {"prompt_s": Speaker(survey, turn.state).length_s(turn.directives)}


def _ended(turn: Turn) -> CallEnded | None:
    return next((event for event in turn.events if isinstance(event, CallEnded)), None)


def _left(call: OnLine, before: CallState, now: datetime, *, by_caller: bool) -> dict[str, Any]:
    """Where the caller left, and how long after the prompt began; the clock does not know when."""
    after_s = (now - call.heard_at).total_seconds() if by_caller else None
    return {"left_step": before.step, "left_after_s": after_s}


def _entry(
    call_sid: str, answered: int, columns: Mapping[str, Any], survey: Survey, turn: Turn, reply: str, now: datetime
) -> Entry:
    state, ended = turn.state, _ended(turn)
    columns = {
        **columns,
        "turn": state.turn,
        "state": msgspec.json.encode(state).decode(),
        "reply": reply,
        "language": state.language,
        "opted_out": state.opted_out,
        "heard_at": now,
        **(_end(survey, state, ended, now) if ended else {}),
    }
    answers = {event.step: _answer(event, now) for event in turn.events if isinstance(event, ANSWERS)}
    return Entry(call_sid, answered, now, columns, tuple(answers.values()), [_kept(event) for event in turn.events])


def _end(survey: Survey, state: CallState, ended: CallEnded, now: datetime) -> dict[str, Any]:
    return {
        "ended_at": now,
        "ended_by": ended.by,
        "disposition": ended.disposition,
        "scores": response_scores(survey, state.answers),
    }


def _answer(event: AnswerGiven | AnswerWithdrawn | AnswerMissing, now: datetime) -> dict[str, Any]:
    match event:
        case AnswerGiven(step, value, label, keys, how):
            given = {"step": step, "value": value, "label": label, "keys": keys, "input": how, "at": now}
        case AnswerMissing(step, reason):
            given = {"step": step, "missing": reason, "at": None if reason == "not_asked" else now}
        case AnswerWithdrawn(step):
            given = {"step": step}
    return {**NO_ANSWER, **given}


def _kept(event: Event) -> Event:
    """What the history says of an event: a telephone number stands with the answers, and nowhere else."""
    if isinstance(event, AnswerGiven) and is_number(event.step):
        return replace(event, value=None, keys=None)
    return event
