"""The books of a call: what the engine says happened, written down in one transaction with the alerts it raises.

Commit first, then answer. The carrier may repeat any request: a turn already taken gives the stored reply, a stale
one the present question. The last reply of a call is a goodbye, and stands for whatever comes afterwards.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Any

from sqlalchemy.orm import Session

from alerts.teams import Teams
from ivr import consequences, engine, entries, unfinished
from ivr.call import CallState, HungUp, Input, Recorded, Turn
from ivr.orders import balanced_blocks
from ivr.survey.publish import Published, Surveys
from ivr.survey.shapes import Survey
from ivr.twilio.form import RecordingNews
from recovery.case import release
from storage import blocks, calls, turns, verbatims
from storage.calls import Latest
from storage.database import Database
from storage.turns import OnLine


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

    def begin(self, opening: Opening, published: Published) -> str:
        """Begin a call, or give the present reply of one that was begun before."""
        while (call := turns.find(self.database, opening.call_sid)) is None:
            if reply := self._begin(opening, published):
                return reply
        return call.reply

    def take(self, call_sid: str, turn: int, heard: Input) -> str | None:
        """Take one turn and give the reply; None where there is no such call."""
        while call := turns.find(self.database, call_sid):
            if call.is_over:
                self._hear_after_the_end(call_sid, heard)
            if call.is_over or turn != call.turn:
                return call.reply
            if reply := self._carry_on(call, heard):
                return reply
        return None

    def hang_up(self, call_sid: str, heard: HungUp, line_s: int | None = None) -> bool:
        """Close the books of a call that is over at the carrier; False where they were closed or never opened."""
        closes = False
        while (call := turns.find(self.database, call_sid)) and not call.is_over:
            closes = self._carry_on(call, heard) is not None
        if call and line_s is not None:
            with self.database.transaction() as db:
                calls.change(db, call_sid, line_s=line_s)
        return closes

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
        while (call := turns.find(self.database, call_sid)) and not call.is_over:
            survey, before = self.surveys.version(call.version), entries.read_state(call.state)
            if reply := self._go_on(call, survey, before, engine.fail(survey, before)):
                return reply
        return None

    def close_silent(self, before: datetime) -> int:
        """Close calls last heard of before that moment; gives how many."""
        with self.database.reading() as db:
            silent = calls.silent_since(db, before)
        return sum(self.hang_up(call_sid, HungUp(by="silence")) for call_sid in silent)

    def _begin(self, opening: Opening, published: Published) -> str | None:
        """The first reply; None where a copy of the request was quicker."""
        survey = published.survey
        caller = calls.known_caller(self.database, opening.from_number)
        if not caller.opted_out and (left := self._unfinished(opening, survey.id)):
            return self._go_on_from(left, opening)
        begun = partial(
            engine.begin,
            survey,
            opening.context,
            seed=self.draw_seed(),
            language=caller.language,
            opted_out=caller.opted_out,
            number=opening.from_number,
        )
        balanced = () if caller.opted_out else balanced_blocks(survey)
        if balanced:
            return self._open_balanced(opening, published, begun, balanced)
        return self._open(opening, published, begun())

    def _unfinished(self, opening: Opening, survey: str) -> Latest | None:
        """The call that this one goes on with; its books are closed."""
        latest = unfinished.latest_about(self.database, survey, opening.context)
        if latest and unfinished.is_gone(latest, self.now()):
            self.hang_up(latest.call_sid, HungUp(by="silence"))
            latest = unfinished.latest_about(self.database, survey, opening.context)
        return latest if latest and unfinished.can_go_on(latest, self.now()) else None

    def _go_on_from(self, left: Latest, opening: Opening) -> str | None:
        """Go on with the survey of an earlier call, in the version which that one had."""
        survey, before = self.surveys.version(left.version), entries.read_state(left.state)
        assert left.left_step is not None, "it can be gone on with"
        turn = engine.go_on_from(survey, before, left.left_step, opening.context, number=opening.from_number)
        return self._open(opening, Published(survey, left.version), turn, left, before)

    def _open_balanced(
        self, opening: Opening, published: Published, begun: Callable[..., Turn], balanced: Sequence[str]
    ) -> str | None:
        """Each call takes the next order of its balanced blocks, in the transaction that opens it."""
        with self.database.transaction() as db:
            turn = begun(balance=blocks.count_call(db, published.survey.id, balanced))
            reply = self._open(opening, published, turn, within=db)
            if reply is None:
                db.rollback()  # a copy of the request was quicker, and has taken its place
        return reply

    def _open(
        self,
        opening: Opening,
        published: Published,
        turn: Turn,
        left: Latest | None = None,
        before: CallState | None = None,
        within: Session | None = None,
    ) -> str | None:
        """Write the beginning down; `left` is the call that it goes on with, and `before` how that one ended."""
        survey, call_sid, now = published.survey, opening.call_sid, self.now()
        reply, known = self.render(call_sid, turn), _known(opening, published, turn.state.context)
        if left:
            known["continues"] = left.call_sid
        entry = entries.beginning(call_sid, known, survey, turn, reply, now)
        also = consequences.of(self.database, self.teams, call_sid, survey, before, turn, now)

        def take_over(db: Session) -> None:
            if left:
                calls.take_over_answers(db, call_sid, left.call_sid, turn.state.answers)
            if also:
                also(db)

        rest = take_over if left else also
        written = turns.write_within(within, entry, rest) if within else turns.write(self.database, entry, rest)
        return reply if written else None

    def _carry_on(self, call: OnLine, heard: Input) -> str | None:
        survey, before = self.surveys.version(call.version), entries.read_state(call.state)
        return self._go_on(call, survey, before, engine.resume(survey, before, heard))

    def _go_on(self, call: OnLine, survey: Survey, before: CallState, turn: Turn) -> str | None:
        """Write the turn down and give the reply; None where another has taken it, and nothing is written."""
        reply, now = self.render(call.call_sid, turn), self.now()
        entry = entries.progress(call, before, survey, turn, reply, now)
        also = consequences.of(self.database, self.teams, call.call_sid, survey, before, turn, now)
        return reply if turns.write(self.database, entry, also) else None

    def _hear_after_the_end(self, call_sid: str, heard: Input) -> None:
        """The carrier may tell of a recording after it told of the hang-up: its audio still counts."""
        if isinstance(heard, Recorded):
            now = self.now()
            with self.database.transaction() as db:
                calls.lock(db, call_sid)
                for open_one in verbatims.of_call(db, call_sid):
                    if open_one.status == "recording":
                        verbatims.recorded(db, call_sid, open_one.step, heard.recording_sid, now)
                release(db, call_sid, now)


def _known(opening: Opening, published: Published, context: Mapping[str, str]) -> dict[str, Any]:
    """The columns of a call that stay as they are."""
    missing = [f"{name} is missing" for name in published.survey.required_context() if name not in context]
    return {
        "account_sid": opening.account_sid,
        "survey": published.survey.id,
        "version": published.version,
        "direction": opening.direction,
        "from_number": opening.from_number,
        "to_number": opening.to_number,
        "context": dict(context),
        "data_problems": [*opening.data_problems, *missing],
        "call_key": context.get("call_key"),
        "ticket": context.get("ticket"),
    }
