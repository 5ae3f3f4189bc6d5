"""Alert rules judged again over calls that were taken: what a rule would have opened."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from alerts.rules import judge
from ivr.orders import applies
from ivr.steps.set import Set
from ivr.survey.shapes import AlertRule, Survey
from ivr.survey.tree import Environment


@dataclass(frozen=True, slots=True)
class TakenResponse:
    """One call as it stands in the books: its answers by step, what is known of it, and which rules it raised then."""

    call_sid: str
    started_at: datetime
    answers: Mapping[str, Any]
    context: Mapping[str, str]
    raised: frozenset[str]
    caller: str | None = None

    def key(self, rule: AlertRule) -> str:
        """What a second alert of the rule joins by."""
        if rule.once.per == "caller" and self.caller:
            return f"caller {self.caller}"
        known = ("ticket", "call_key") if rule.once.per != "call" else ()
        return next((f"{name} {self.context[name]}" for name in known if self.context.get(name)), self.call_sid)


@dataclass(frozen=True, slots=True)
class Outcome:
    """What one rule would have done: in how many calls it holds, in how many it was raised then, and new cases."""

    rule: AlertRule
    calls: int
    raised: int
    cases: int


def judge_again(survey: Survey, responses: Iterable[TakenResponse]) -> tuple[Outcome, ...]:
    """Every rule of the survey over these responses, in the order of the rules."""
    matched: dict[str, list[TakenResponse]] = {rule.name: [] for rule in survey.alerts}
    raised: dict[str, int] = dict.fromkeys(matched, 0)
    for response in responses:
        for rule in judge(survey, _environment(survey, response)):
            matched[rule.name].append(response)
        for name in response.raised & raised.keys():
            raised[name] += 1
    return tuple(
        Outcome(rule, len(matched[rule.name]), raised[rule.name], len({each.key(rule) for each in matched[rule.name]}))
        for rule in survey.alerts
    )


def _environment(survey: Survey, response: TakenResponse) -> Environment:
    """What the rules see: the answers, and what the survey's `set` steps make of them."""
    env: dict[str, Any] = {**response.answers, "context": response.context}
    for step in survey.all_steps:
        if isinstance(step, Set) and applies(survey, step.id, env):
            value = survey.condition(step.value).value(env)
            env |= {} if value is None else {step.id: value}
    return env
