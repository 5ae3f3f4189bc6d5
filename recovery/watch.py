"""Words that somebody watches for, once a machine has written down what a caller said.

The survey lists them, or the team. A listed word acts as an alert rule does: it opens a case or raises one. That a
caller may wish no more calls is only proposed; a person confirms it.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

import structlog
from sqlalchemy.orm import Session

from alerts.teams import Team, Teams
from ivr.survey.shapes import AlertRule, Survey
from ivr.survey.watch import WatchRule
from recovery import opt_out
from recovery.case import raise_alerts
from storage import calls, cases
from storage.models import Call, Case, Verbatim

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Heard:
    """A listed word, as it is written in the list, that the transcript of a message holds."""

    rule: WatchRule
    word: str


def heed_words(db: Session, verbatim: Verbatim, text: str, survey: Survey | None, teams: Teams, now: datetime) -> None:
    """Act on the listed words in a transcript; done again, it changes nothing.

    `survey` None: its version cannot be read any more, and only the team's words count.
    """
    line = calls.line(db, calls.get(db, verbatim.call_sid))
    case, call = cases.lock_of_call(db, *line), calls.get(db, line[-1])
    rules = [*(survey.watch if survey else ()), *_team(case, call, teams).watch]
    heard = list(_heard(rules, text, verbatim.language))
    if not heard or (case is None and all(each.rule.then == "raise" for each in heard)):
        return
    number = raise_alerts(db, call, [_as_alert(each.rule, verbatim.step) for each in heard], teams, now)
    for each in heard:
        _write_down(db, number, verbatim, each, now)
    if proposing := next((each.rule for each in heard if each.rule.then == "propose_opt_out"), None):
        opt_out.propose(db, number, call, proposing.name, now)
    log.info("watched_words_heard", call_sid=verbatim.call_sid, step=verbatim.step, case=number, rules=len(heard))


def _team(case: Case | None, call: Call, teams: Teams) -> Team:
    """The team whose case it is, or would be."""
    return (teams.find(case.team) if case else None) or teams.for_group(call.context.get("group"))


def _heard(rules: Sequence[WatchRule], text: str, language: str) -> Iterator[Heard]:
    for rule in rules:
        if word := rule.heard_in(text, language):
            yield Heard(rule, word)


def _as_alert(rule: WatchRule, step: str) -> AlertRule:
    """The rule as alerts have it: what was said goes along."""
    return AlertRule(name=rule.name, when="", severity=rule.severity, attach=(step,))


def _write_down(db: Session, number: int, verbatim: Verbatim, heard: Heard, now: datetime) -> None:
    """Which word in which message, once in the history of the case."""
    news = {"rule": heard.rule.name, "verbatim": verbatim.id}
    known = ({name: event.data.get(name) for name in news} for event in cases.events_of(db, number, "word_heard"))
    if news not in known:
        where = {"call_sid": verbatim.call_sid, "step": verbatim.step}
        cases.add_event(db, number, "word_heard", opt_out.BY_MACHINE, now, **news, **where, word=heard.word)
