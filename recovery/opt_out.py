"""That a caller may wish never to be called again: a machine proposes it, a person confirms it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from storage import calls, cases
from storage.models import Call, Case

BY_MACHINE = "transcript"


@dataclass(frozen=True, slots=True)
class Proposal:
    """What was proposed in a call, by which rule; `confirmed_by` None: nobody has said yes yet."""

    call_sid: str
    rule: str
    proposed_at: datetime
    confirmed_by: str | None = None
    confirmed_at: datetime | None = None


def propose(db: Session, number: int, call: Call, rule: str, now: datetime) -> None:
    """Put it to whoever works on the case, once for a call; not where the caller has said so, or is not known."""
    known = any(proposal.call_sid == call.call_sid for proposal in proposals(db, number))
    if call.from_number and not call.opted_out and not known:
        cases.add_event(db, number, "opt_out_proposed", BY_MACHINE, now, call_sid=call.call_sid, rule=rule)


def proposals(db: Session, number: int) -> list[Proposal]:
    """What has been proposed in a case, the first first."""
    confirmed = {event.data["call_sid"]: event for event in cases.events_of(db, number, "opt_out_confirmed")}
    proposed = [(event, event.data["call_sid"]) for event in cases.events_of(db, number, "opt_out_proposed")]
    return [
        Proposal(call_sid, event.data["rule"], event.at, yes.by, yes.at)
        if (yes := confirmed.get(call_sid))
        else Proposal(call_sid, event.data["rule"], event.at)
        for event, call_sid in proposed
    ]


def calling_of(case: Case, proposed: Sequence[Proposal]) -> str:
    """Whether the caller may be called back, as people are told; `doubted`: not asked, and an opt-out is proposed."""
    open_ones = [proposal for proposal in proposed if proposal.confirmed_by is None]
    return "doubted" if open_ones and case.calling == "not_asked" else case.calling


def confirm(db: Session, case: Case, by: str, now: datetime) -> bool:
    """The person `by` confirms what is proposed: these callers are never surveyed again. False: nothing was open."""
    waiting = [proposal for proposal in proposals(db, case.number) if proposal.confirmed_by is None]
    for proposal in waiting:
        call = calls.get(db, proposal.call_sid)
        if call.from_number:  # else it was erased meanwhile, and nobody is left to leave in peace
            calls.remember_caller(db, call.from_number, opted_out_at=now)
        cases.add_event(db, case.number, "opt_out_confirmed", by, now, call_sid=proposal.call_sid)
    return bool(waiting)
