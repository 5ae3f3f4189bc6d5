"""Waves of news about a case: the deliveries that a moment leaves, and when those that wait may go.

A mail or a webhook carries a response whole, and follows up; an SMS only calls for attention.
"""

import hashlib
import json
from collections.abc import Iterable, Sequence
from datetime import datetime

from sqlalchemy.orm import Session

from alerts.escalation import Destination, when_due
from storage import calls, cases, deliveries, transcripts, verbatims
from storage.models import Call, Case, Delivery, Verbatim

WHOLE = ("email", "webhook")
Line = Sequence[str]
"""SIDs of the calls that went on with each other, the last one last: one response, and messages are about it."""


def tell(db: Session, case: Case, line: Line, told: Iterable[Destination], now: datetime) -> None:
    """The case opens: everybody whom its ladder names first is told."""
    for destination in told:
        _put(db, case, line, "opened", destination, now)


def tell_higher(db: Session, case: Case, line: Line, told: Iterable[Destination], now: datetime) -> None:
    """Severity rises: the higher ladder starts, in the place of what the lower one has not sent yet.

    What a lower mail says of another response is not lost: only a mail about the same call is replaced.
    """
    sent = deliveries.of_case(db, case.number)
    for destination in told:
        known = _to(destination, sent)
        lower = [
            delivery
            for delivery in known
            if delivery.state in deliveries.UNSENT and (delivery.call_sid in line or delivery.channel not in WHOLE)
        ]
        deliveries.supersede(db, [delivery.id for delivery in lower], now)
        heard = any(delivery.state != "superseded" and delivery not in lower for delivery in known)
        _put(db, case, line, "raised" if heard else "opened", destination, now)


def tell_more(db: Session, case: Case, line: Line, told: Iterable[Destination], about: str, now: datetime) -> None:
    """A response joins, or says more, at no higher severity: it follows in the thread, and pages nobody.

    A message about the same call that has not left yet takes the news along.
    """
    unsent = [delivery for delivery in _of_line(db, case, line) if delivery.state in deliveries.UNSENT]
    for destination in told:
        if destination.channel in WHOLE and not _to(destination, unsent):
            _put(db, case, line, "joined", destination, now, about=about)


def send_due(db: Session, case: Case, line: Line, now: datetime) -> None:
    """Make the messages about a call due whose wait is over, and have late audio and transcripts follow."""
    sent = _of_line(db, case, line)
    waiting = [delivery.id for delivery in sent if delivery.state == "waiting"]
    due = _due(db, line, now) if waiting else None
    if due is not None:
        deliveries.make_due(db, waiting, due)
    if any(delivery.state == "accepted" for delivery in sent):
        _follow_up(db, case, line, sent, now)


def attached(db: Session, line: Line) -> dict[str, Verbatim | None]:
    """The voice steps that the alerts attach, each with what the caller left there; None: not asked, or let go.

    A message that the caller is still deciding about counts as one that is to come.
    """
    takes = [verbatim for call_sid in line for verbatim in verbatims.of_call(db, call_sid)]
    kept = {verbatim.step: verbatim for verbatim in takes if verbatim.kept}
    return {step: kept.get(step) for step in cases.attached_steps(db, line)}


def undecided_step(call: Call) -> str | None:
    """The voice step whose message the caller is reviewing, and may still delete."""
    state = json.loads(call.state)
    return state.get("step") if call.ended_at is None and state.get("phase") == "review" else None


def _due(db: Session, line: Line, now: datetime) -> datetime | None:
    call = calls.get(db, line[-1])
    statuses = {step: verbatim.status if verbatim else None for step, verbatim in attached(db, line).items()}
    if (undecided := undecided_step(call)) in statuses:
        statuses[undecided] = "awaited"
    return when_due(list(statuses.values()), call.ended_at, now)


def _follow_up(db: Session, case: Case, line: Line, sent: Sequence[Delivery], now: datetime) -> None:
    """Audio and transcripts that came too late for a message follow it once, to everybody who has that message."""
    accepted = [delivery for delivery in sent if delivery.state == "accepted" and delivery.channel in WHOLE]
    stored = [verbatim.id for verbatim in attached(db, line).values() if verbatim and verbatim.status == "stored"]
    for destination in {delivery.receiver: _destination(delivery) for delivery in accepted}.values():
        if any(delivery.state in deliveries.UNSENT for delivery in _to(destination, sent)):
            continue  # what has not left yet takes along what is there by then
        told = _to(destination, accepted)
        heard = {verbatim for delivery in told for verbatim in delivery.with_audio}
        read = {verbatim for delivery in told for verbatim in delivery.with_transcripts}
        for verbatim in stored:
            if verbatim not in heard:
                _put(db, case, line, "audio", destination, now, about=str(verbatim), due_at=now)
                break  # it takes the others along
            if destination.channel == "webhook" and verbatim not in read and _is_written(db, verbatim):
                _put(db, case, line, "transcript", destination, now, about=str(verbatim), due_at=now)
                break


def _is_written(db: Session, verbatim_id: int) -> bool:
    transcript = transcripts.find(db, verbatim_id)
    return transcript is not None and transcript.status == "ready"


def _put(
    db: Session,
    case: Case,
    line: Line,
    wave: str,
    to: Destination,
    now: datetime,
    about: str = "",
    due_at: datetime | None = None,
) -> None:
    receiver = to.person or to.team or ""
    once_key = "/".join(filter(None, [str(case.number), line[-1], wave, case.severity, to.channel, receiver, about]))
    row = {
        "id": "d-" + hashlib.sha256(once_key.encode()).hexdigest()[:20],
        "case_number": case.number,
        "call_sid": line[-1],
        "once_key": once_key,
        "wave": wave,
        "severity": case.severity,
        "channel": to.channel,
        "team": to.team,
        "person": to.person,
        "address": to.address,
    }
    deliveries.put(db, row, now, due_at)


def _of_line(db: Session, case: Case, line: Line) -> list[Delivery]:
    return [delivery for delivery in deliveries.of_case(db, case.number) if delivery.call_sid in line]


def _to(destination: Destination, sent: Sequence[Delivery]) -> list[Delivery]:
    """Those to the same receiver by the same way, whatever the address was then."""
    return [delivery for delivery in sent if delivery.receiver == destination.receiver]


def _destination(delivery: Delivery) -> Destination:
    return Destination(delivery.channel, delivery.person, delivery.address, delivery.team)
