"""The recovery cases: opened by an alert, joined by later ones; and what other people's programs see of them.

Verbs take the open transaction `db` and the moment `now`. The caller of a verb has locked the call first
(`storage.calls.lock`); the case is locked here, after it.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, Literal

from sqlalchemy.orm import Session

from alerts.escalation import first_told
from alerts.teams import Team, Teams
from ivr.masking import mask_number
from ivr.moments import render_moment
from ivr.survey.shapes import AlertRule, Once
from recovery import opt_out, waves
from storage import calls, cases
from storage.models import Call, Case

Calling = Literal["allowed", "refused", "not_asked"]
WIDEST = ("caller", "ticket", "call")  # what a case is found by; the widest of the rules that matched counts
BY_SURVEY = "survey"


def raise_alerts(
    db: Session,
    call: Call,
    matched: Sequence[AlertRule],
    teams: Teams,
    now: datetime,
    calling: Calling = "not_asked",
) -> int:
    """Open a case for the rules that hold, or have them join the one that is open; gives its number.

    `matched` are all rules that hold now, at least one; those that this call has raised already change nothing, nor
    do those of the calls that it goes on with, whose case is this call's too as long as it is open.
    `calling` says whether the caller may be called back, as far as the call has come.
    """
    earlier = calls.earlier(db, call)
    raised = cases.rules_raised(db, call.call_sid, *earlier)
    fresh = [rule for rule in matched if rule.name not in raised]
    case, is_new = _case_of(db, call, earlier, fresh, teams, now)
    _keep_wish(db, case, calling, now)
    if fresh:
        line = [*reversed(earlier), call.call_sid]
        _add(db, case, call, line, fresh, teams, now, is_new)
        waves.send_due(db, case, line, now)
    return case.number


def release(db: Session, call_sid: str, now: datetime) -> None:
    """There is news of a call (audio stored, absent or failed, the call over): what waited for it may leave."""
    line = calls.line(db, calls.get(db, call_sid))
    case = cases.lock_of_call(db, *line)
    if case is not None:
        waves.send_due(db, case, line, now)


def undecided_step(call: Call) -> str | None:
    """The voice step whose message the caller is reviewing, and may still delete."""
    return waves.undecided_step(call)


def case_json(db: Session, case: Case, full: bool, public_url: str) -> dict[str, Any]:
    """The case as the cases API and the webhook give it; telephone numbers whole only where `full`."""
    call = calls.get(db, case.call_sid)
    triggers = [trigger.rule for trigger in cases.triggers(db, case.number)]
    return {
        "number": case.number,
        "url": f"{public_url}/cases/{case.number}",
        "state": case.state,
        "severity": case.severity,
        "team": case.team,
        "owner": case.owner,
        "opened_at": render_moment(case.opened_at),
        "promise_at": render_moment(case.promise_at),
        "triggers": list(dict.fromkeys(triggers)),
        "call_sid": case.call_sid,
        "ticket": call.ticket,
        "caller": {
            "name": call.context.get("customer_name"),
            "number": call.from_number if full else mask_number(call.from_number),
        },
        "calling": case.calling,
        "outcome": case.outcome,
        "clocks": [],
        "attempts": [],
        "notes": [],
        "data_problems": case.data_problems,
        "proposals": [_proposal(each) for each in opt_out.proposals(db, case.number)],
    }


def _proposal(proposal: opt_out.Proposal) -> dict[str, Any]:
    """What a machine proposes and a person may confirm."""
    return {
        "kind": "opt_out",
        "rule": proposal.rule,
        "call_sid": proposal.call_sid,
        "proposed_at": render_moment(proposal.proposed_at),
        "confirmed_by": proposal.confirmed_by,
        "confirmed_at": render_moment(proposal.confirmed_at),
    }


# Opening and joining --------------------------------------------------------------------------------


def _case_of(
    db: Session, call: Call, earlier: Sequence[str], fresh: Sequence[AlertRule], teams: Teams, now: datetime
) -> tuple[Case, bool]:
    """The case that the call's alerts lead to, locked, and whether it is a new one."""
    if own := cases.lock_of_call(db, call.call_sid):
        return own, False
    before = cases.lock_of_call(db, *earlier) if earlier else None
    if before is None or (fresh and before.closed_at):
        return _open_or_join(db, call, fresh, teams, now)
    if fresh:
        cases.add_event(db, before.number, "attached", BY_SURVEY, now, call_sid=call.call_sid)
    return before, False


def _open_or_join(
    db: Session, call: Call, fresh: Sequence[AlertRule], teams: Teams, now: datetime
) -> tuple[Case, bool]:
    """The case of the call's first alert, locked, and whether it is a new one."""
    keys = _keys(call, fresh)
    while True:
        for key, within in keys.items():
            if within is not None:
                cases.let_go_of_key(db, key, opened_before=now - within)
            if (found := cases.lock_open(db, key)) is not None:
                cases.add_event(db, found.number, "attached", BY_SURVEY, now, call_sid=call.call_sid)
                return found, False
        # Another call may open the case at this moment, or close the one that was in the way: look again.
        number = cases.open_case(db, _new_case(call, fresh, teams, next(iter(keys)), now))
        if number is not None:
            cases.add_event(db, number, "opened", BY_SURVEY, now, call_sid=call.call_sid)
            return cases.lock(db, number), True


def _new_case(call: Call, fresh: Sequence[AlertRule], teams: Teams, key: str, now: datetime) -> Mapping[str, Any]:
    team, problems = _team(call, _most_urgent(fresh), teams)
    return {
        "key": key,
        "survey": call.survey,
        "call_sid": call.call_sid,
        "team": team.id,
        "severity": _most_urgent(fresh).severity,
        "state": "new",
        "calling": "not_asked",
        "opened_at": now,
        "data_problems": [*call.data_problems, *problems],
    }


def _keys(call: Call, rules: Sequence[AlertRule]) -> dict[str, timedelta | None]:
    """What the rules find an open case by, the widest first, and how old it may be; within one survey."""
    keys: dict[str, timedelta | None] = {}
    for once in sorted((rule.once for rule in rules), key=lambda once: WIDEST.index(once.per)):
        by_caller = once.per == "caller" and call.from_number
        age = timedelta(seconds=once.within) if by_caller and once.within else None
        keys[f"{call.survey}/{_found_by(call, once)}"] = age
    return keys


def _found_by(call: Call, once: Once) -> str:
    """A withheld number names nobody, so that such a caller is known by the ticket."""
    if once.per == "caller" and call.from_number:
        return f"caller/{call.from_number}"
    if once.per != "call" and call.ticket:
        return f"ticket/{call.ticket}"
    if once.per != "call" and call.call_key:
        return f"call_key/{call.call_key}"
    return f"call/{call.call_sid}"


def _team(call: Call, rule: AlertRule, teams: Teams) -> tuple[Team, list[str]]:
    """The team that the rule names, else the one of the call's group, and what is odd about that."""
    by_group = teams.for_group(call.context.get("group"))
    if rule.to is None:
        return by_group, []
    named = teams.find(rule.to)
    return (named, []) if named else (by_group, [f'the alert "{rule.name}" names no team: {rule.to}'])


def _most_urgent(rules: Sequence[AlertRule]) -> AlertRule:
    return min(rules, key=lambda rule: rule.severity)  # P1 before P2; the first of equals


# What an alert adds to its case ---------------------------------------------------------------------


def _add(
    db: Session,
    case: Case,
    call: Call,
    line: waves.Line,
    fresh: Sequence[AlertRule],
    teams: Teams,
    now: datetime,
    is_new: bool,
) -> None:
    """Keep the triggers, raise the severity where they are more urgent, and leave the deliveries of the news."""
    _keep_triggers(db, case, call, fresh, now)
    rises = _most_urgent(fresh).severity < case.severity
    if rises:
        _raise_severity(db, case, call, _most_urgent(fresh), teams, now)
    team = teams.find(case.team) or teams.default
    told = first_told(teams, team, case.severity)
    if is_new:
        waves.tell(db, case, line, told, now)
    elif rises:
        waves.tell_higher(db, case, line, told, now)
    else:
        waves.tell_more(db, case, line, told, about=fresh[0].name, now=now)


def _keep_triggers(db: Session, case: Case, call: Call, fresh: Sequence[AlertRule], now: datetime) -> None:
    common = {"case_number": case.number, "call_sid": call.call_sid, "raised_at": now}
    cases.add_triggers(
        db,
        [{**common, "rule": rule.name, "severity": rule.severity, "attach": list(rule.attach)} for rule in fresh],
    )


def _raise_severity(db: Session, case: Case, call: Call, rule: AlertRule, teams: Teams, now: datetime) -> None:
    """A rule that names its team takes the case there."""
    change = {"from": case.severity, "to": rule.severity, "rule": rule.name}
    cases.add_event(db, case.number, "severity_raised", BY_SURVEY, now, **change)
    case.severity = rule.severity
    team, problems = _team(call, rule, teams)
    case.data_problems = [*case.data_problems, *problems]
    if rule.to == team.id != case.team:
        cases.add_event(db, case.number, "moved", BY_SURVEY, now, **{"from": case.team, "to": team.id})
        case.team = team.id


def _keep_wish(db: Session, case: Case, calling: Calling, now: datetime) -> None:
    """The caller's latest word on being called back counts; having been asked nothing takes nothing back."""
    if calling not in ("not_asked", case.calling):
        cases.add_event(db, case.number, "calling", BY_SURVEY, now, calling=calling)
        case.calling = calling
