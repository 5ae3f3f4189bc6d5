"""Callers who leave answers and verbatims without dialling: rows as the books of a call leave them."""

import itertools
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import insert, select, update

from alerts.teams import Teams
from ivr.survey.shapes import AlertRule, Once
from recovery.case import raise_alerts, release
from storage import cases, deliveries
from storage.database import Database
from storage.models import Call, Case, Delivery, Outbox, SurveyVersion, Verbatim

TEAMS = """\
recovery_teams: 1
people:
  ines: {name: Ines Duarte, email: ines@harbor.example, mobile: "+12025550111"}
  omar: {name: Omar Haddad, email: omar@harbor.example}
  mara: {name: Mara Voss, email: mara@harbor.example}
teams:
  - id: service-recovery
    default: true
    lead: ines
    also: [omar]
    time_zone: America/New_York
    escalation:
      P1:
        - {after: 0min, to: [lead], by: [email, sms]}
        - {after: 5min, to: [lead], by: [call]}
      P2:
        - {after: 0min, to: [lead, also], by: [email, webhook]}
    ticket_url: "https://desk.example/tickets/{ticket}"
    webhook: {url: "http://127.0.0.1:9/hook", secret: env:HOOK_SECRET}
  - {id: retention, lead: mara, groups: [leaving], time_zone: UTC}
"""

LOW = AlertRule(name="Recover this caller", when="csat <= 2", severity="P2", attach=("why",))
WANTS_A_CALL = AlertRule(name="Wants a call", when="call_me == yes", severity="P1")
FAIR = AlertRule(name="A fair score", when="csat == 3", severity="P3")


def rule(like: AlertRule, **other: Any) -> AlertRule:
    fields = {name: getattr(like, name) for name in ("name", "when", "severity", "attach", "to", "once")}
    return AlertRule(**{**fields, **other})


PER_CALL, PER_CALLER = Once(per="call"), Once(per="caller", within=24 * 3600.0)


@dataclass
class Desk:
    """One database with calls in it, and what the desk has been told."""

    database: Database
    teams: Teams
    now: datetime
    sids: itertools.count = field(default_factory=lambda: itertools.count(1))

    def call(self, number: str | None = "+12025550199", continues: str | None = None, **context: str) -> str:
        """A caller is on the line, and perhaps goes on with an unfinished call; gives the call's SID."""
        call_sid = f"CA{next(self.sids):032x}"
        with self.database.transaction() as db:
            if db.get(SurveyVersion, "sha256:1") is None:
                db.add(SurveyVersion(version="sha256:1", survey="after-call", source="", published_at=self.now))
                db.flush()
            row = {
                "call_sid": call_sid,
                "account_sid": "AC" + "0" * 32,
                "survey": "after-call",
                "version": "sha256:1",
                "language": "en",
                "direction": "inbound",
                "from_number": number,
                "to_number": "+18005551212",
                "context": context,
                "data_problems": [],
                "call_key": context.get("call_key"),
                "ticket": context.get("ticket"),
                "started_at": self.now,
                "continues": continues,
                "heard_at": self.now,
                "turn": 1,
                "state": json.dumps({"step": "csat", "phase": "ask"}),
                "reply": "",
                "scores": {},
            }
            db.execute(insert(Call).values(**row))
        return call_sid

    def matches(self, call_sid: str, *rules: AlertRule, calling: str = "not_asked", at: datetime | None = None) -> int:
        """An answer makes these rules hold; gives the case's number."""
        with self.database.transaction() as db:
            call = db.get_one(Call, call_sid)
            return raise_alerts(db, call, rules, self.teams, at or self.now, calling)  # type: ignore[arg-type]

    def verbatim(self, call_sid: str, status: str, step: str = "why", **columns: Any) -> int:
        """What the caller left at a voice step is in that state; gives its id."""
        with self.database.transaction() as db:
            known = db.execute(
                select(Verbatim.id).where(Verbatim.call_sid == call_sid, Verbatim.step == step, Verbatim.kept)
            )
            verbatim_id = known.scalar_one_or_none()
            if verbatim_id is None:
                row = Verbatim(call_sid=call_sid, step=step, status=status, language="en", asked_at=self.now, **columns)
                db.add(row)
                db.flush()
                verbatim_id = row.id
            else:
                db.execute(update(Verbatim).where(Verbatim.id == verbatim_id).values(status=status, **columns))
        return verbatim_id

    def is_at(self, call_sid: str, step: str, phase: str) -> None:
        with self.database.transaction() as db:
            db.execute(update(Call).values(state=json.dumps({"step": step, "phase": phase})))

    def news(self, call_sid: str, at: datetime | None = None) -> None:
        """Something has become known of the call's recordings, or of its end."""
        with self.database.transaction() as db:
            release(db, call_sid, at or self.now)

    def ends(self, call_sid: str, at: datetime | None = None) -> None:
        at = at or self.now
        with self.database.transaction() as db:
            db.execute(update(Call).where(Call.call_sid == call_sid).values(ended_at=at))
        self.news(call_sid, at)

    def accepted(self, *, carrying: Sequence[int] = (), only: Callable[[Delivery], bool] = lambda _: True) -> None:
        """Everything that was still to be sent has left, with those verbatims."""
        with self.database.transaction() as db:
            for delivery in db.execute(select(Delivery)).scalars():
                if delivery.state in deliveries.UNSENT and only(delivery):
                    delivery.state, delivery.accepted_at, delivery.with_audio = "accepted", self.now, list(carrying)

    def case(self, number: int) -> Case:
        with self.database.reading() as db:
            return cases.lock(db, number)

    def told(self, *states: str) -> list[tuple[str, str, str]]:
        """Wave, channel and person of the deliveries in those states, in alphabetical order."""
        with self.database.reading() as db:
            found = db.execute(select(Delivery)).scalars().all()
        wanted = states or ("waiting", "pending", "accepted")
        return sorted((d.wave, d.channel, d.person or "team") for d in found if d.state in wanted)

    def due(self) -> Mapping[tuple[str, str, str], datetime | None]:
        """When each delivery that has not left is due."""
        with self.database.reading() as db:
            rows = db.execute(
                select(Delivery, Outbox.due_at)
                .join(Outbox, Outbox.key == "delivery:" + Delivery.id)
                .where(Delivery.state.in_(deliveries.UNSENT))
            ).all()
        return {(d.wave, d.channel, d.person or "team"): due for d, due in rows}

    def events(self, number: int) -> list[str]:
        with self.database.reading() as db:
            return [event.type for event in cases.events(db, number)]
