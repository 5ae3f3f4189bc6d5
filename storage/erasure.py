"""A caller's data gone: voice, words, numbers, whatever else tells who they were. Ratings and choices stay, nameless.

Calls that went on with each other are one response, and go or stay together; a legal hold stops it. Copies that have
left the house, by mail for one, are out of its reach.
"""

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import chain
from typing import Any

from sqlalchemy import ColumnElement, delete, func, or_, select, update
from sqlalchemy.orm import InstrumentedAttribute, Session

from storage import calls, cases, verbatims
from storage.database import changed
from storage.models import Answer, Call, Caller, CallEvent, Transcript

ABOUT_THE_SERVICE = ("agent", "agent_name", "group", "queue", "segment", "language")  # the rest tells of the caller
REASON = "erased at the caller's wish"
BY_OPERATOR = "operator"
SIP = ("sip:", "sips:")

Anonymous = Callable[[str], Collection[str]]  # a survey version -> names of its answers that tell nobody who gave them


@dataclass(frozen=True, slots=True)
class Erased:
    """What was removed, and what was not: `held` calls are under a legal hold, `running` ones not over yet.

    Of calls that went on with each other, one is enough for all.
    """

    calls: int = 0
    recordings: int = 0
    transcripts: int = 0
    held: tuple[str, ...] = ()
    running: tuple[str, ...] = ()


def calls_of(db: Session, number: str) -> Sequence[Call]:
    """All calls from or to that number, earliest first; those by SIP, too, whose address begins with it."""
    theirs = select(Call).where(or_(_is(Call.from_number, number), _is(Call.to_number, number)))
    return db.execute(theirs.order_by(Call.started_at)).scalars().all()


def erase(db: Session, wanted: Sequence[Call], anonymous: Anonymous, now: datetime) -> Erased:
    """Erase these calls, and those that went on with them; of their answers only the anonymous ones stay.

    Files go after commit, here and at the carrier.
    """
    lines = _lines(db, wanted)
    held = [line for line in lines if any(call.held_at for call in line)]
    running = [line for line in lines if line not in held and not all(call.ended_at for call in line)]
    gone = [line for line in lines if line not in held and line not in running]
    for line in gone:
        _erase_from_cases(db, line, now)
    removed = [_erase_voice(db, call, now) for call in chain.from_iterable(gone)]
    for call in chain.from_iterable(gone):
        _erase_person(db, call, anonymous(call.version), now)
    recordings, transcripts = (sum(counts) for counts in zip(*removed, strict=True)) if removed else (0, 0)
    return Erased(len(removed), recordings, transcripts, _sids(*held), _sids(*running))


def forget_caller(db: Session, number: str) -> bool:
    """Drop what is kept between calls. A wish never to be surveyed stays, or it could not be honoured: False."""
    db.execute(delete(Caller).where(_is(Caller.number, number), Caller.opted_out_at.is_(None)))
    return not is_remembered(db, number)


def is_remembered(db: Session, number: str) -> bool:
    """Whether anything is kept of that caller between calls."""
    return db.execute(select(Caller.number).where(_is(Caller.number, number)).limit(1)).first() is not None


def hold(db: Session, call_sid: str, reason: str, now: datetime) -> bool:
    """Put a legal hold on a call: nothing of its line is deleted until it is lifted. False where there is no call."""
    return _hold_line(db, call_sid, held_at=now, held_for=reason) > 0


def lift_hold(db: Session, call_sid: str) -> bool:
    """End the legal hold on a call and its line; False where there was none."""
    call = calls.find(db, call_sid)
    if call is None or held_for(db, call) is None:
        return False
    return _hold_line(db, call_sid, held_at=None, held_for=None) > 0


def held_for(db: Session, call: Call) -> str | None:
    """The reason of the legal hold on a call, or on one that it went on with or that went on with it."""
    on_line = (Call.call_sid.in_(calls.line(db, call)), Call.held_at.is_not(None))
    return db.execute(select(Call.held_for).where(*on_line).limit(1)).scalar_one_or_none()


def _is(column: InstrumentedAttribute[Any], number: str) -> ColumnElement[bool]:
    """Whether it is that number: `+12025550199`, the same without the plus, or `sip:12025550199@…`."""
    digits = number.removeprefix("+")
    if digits == number or not digits.isdecimal():
        return column == number
    addresses = (func.lower(column).like(f"{scheme}{each}@%") for scheme in SIP for each in (number, digits))
    return or_(column.in_((number, digits)), *addresses)


def _hold_line(db: Session, call_sid: str, **columns: Any) -> int:
    """How many calls were marked; a call that goes on with them later is held by them."""
    call = calls.find(db, call_sid)
    line = calls.line(db, call) if call else []
    return changed(db.execute(update(Call).where(Call.call_sid.in_(line)).values(**columns)))


def _lines(db: Session, wanted: Sequence[Call]) -> list[Sequence[Call]]:
    """The calls, each with all that went on with each other: one response, which goes or stays whole."""
    return [calls.lock_all(db, sids) for sids in dict.fromkeys(tuple(calls.line(db, call)) for call in wanted)]


def _sids(*lines: Sequence[Call]) -> tuple[str, ...]:
    return tuple(call.call_sid for call in chain.from_iterable(lines))


def _erase_from_cases(db: Session, line: Sequence[Call], now: datetime) -> None:
    """Their cases are no longer found by number, ticket or key, and tell no word that was heard; the history says why.

    The event names the last call of the line, by which people know the response.
    """
    sids = _sids(line)
    spoken = [take.id for sid in sids for take in verbatims.of_call(db, sid)]
    cases.let_go_of_keys(db, sids)
    for number in cases.numbers_of(db, sids):
        cases.forget_words(db, number, spoken)
        cases.add_event(db, number, "erased", BY_OPERATOR, now, call_sid=sids[-1])


def _erase_voice(db: Session, call: Call, now: datetime) -> tuple[int, int]:
    """How many recordings and transcripts went."""
    with_voice = ("recording", "awaited", "stored", "failed")  # a recording nobody has heard of may turn up yet
    takes = [take for take in verbatims.of_call(db, call.call_sid) if take.status in with_voice]
    read = [take for take in takes if db.get(Transcript, take.id)]
    for take in takes:
        verbatims.delete_audio(db, take, REASON, now)
    return len(takes), len(read)


def _erase_person(db: Session, call: Call, anonymous: Collection[str], now: datetime) -> None:
    """Take out of the call whatever tells who called; the engine's memory and the last reply may tell it too."""
    kept = {name: value for name, value in call.context.items() if name in ABOUT_THE_SERVICE}
    nobody = {"from_number": None, "to_number": None, "call_key": None, "ticket": None}
    calls.change(db, call.call_sid, **nobody, context=kept, state="{}", reply="<Response/>")
    _erase_answers(db, call.call_sid, anonymous)
    calls.keep_events(db, call.call_sid, call.turn, now, [("Erased", {})])


def _erase_answers(db: Session, call_sid: str, anonymous: Collection[str]) -> None:
    """What was keyed in freely, and what the survey worked out: it may have been from what was known of the caller.

    That there was an answer, and when, stays.
    """
    telling = (Answer.call_sid == call_sid, Answer.step.not_in(anonymous))
    db.execute(update(Answer).where(*telling).values(value=None, keys=None, label=None))
    told = (CallEvent.call_sid == call_sid, CallEvent.type.in_(("AnswerGiven", "ValueSet")))
    for event in db.execute(select(CallEvent).where(*told)).scalars():
        step = event.data.get("step")
        if event.type == "ValueSet" or step not in anonymous:
            event.data = {"step": step}
