"""The survey as far as calls can be followed through it: a condition that is wrong may hold, or not."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

from ivr.steps.block import Block
from ivr.steps.set import Set
from ivr.survey.check.conditions import Written, problems_of, written
from ivr.survey.check.subject import Subject
from ivr.survey.check.types import Types
from ivr.survey.expressions import ExpressionError, read_condition
from ivr.survey.salvage import UNCLEAR
from ivr.survey.strict_yaml import Path


def cleared(subject: Subject) -> Subject | None:
    """The survey with conditions in the place of those that are unclear; None where it is not clear where calls go."""
    if subject.gaps or not _jumps_lead_on(subject):
        return None
    unclear = _unclear(subject)
    again = {located.path for located in subject.steps if subject.by_id[located.step.id] is not located}
    if not unclear and not again:
        return subject
    put = {path: UNCLEAR.replace("unclear", f"unclear-{number}") for number, path in enumerate(unclear)}
    clearing = _Clearing(put, again)
    survey = subject.survey
    alerts = tuple(
        replace(rule, when=put.get(("alerts", number, "when"), rule.when)) for number, rule in enumerate(survey.alerts)
    )
    return replace(subject, survey=replace(survey, steps=clearing.steps(survey.steps, ("steps",)), alerts=alerts))


def is_unclear(text: str) -> bool:
    """Whether the condition stands for one that could not be read."""
    return text.startswith("answered(context.unclear-")


def _jumps_lead_on(subject: Subject) -> bool:
    jumps = ((located, jump.to) for located in subject.steps for jump in located.step.jump)
    return all(
        to in subject.by_id and subject.by_id[to].number > located.number and not subject.by_id[to].block
        for located, to in jumps
    )


def _unclear(subject: Subject) -> list[Path]:
    """Where the conditions stand that are wrong, or name a step whose answers cannot be told."""
    types = Types(subject)
    listed = [each.step.id for each in subject.steps]
    names = set(subject.lost) | {each for each in listed if listed.count(each) > 1}
    found = []
    for condition in written(subject):
        if _is_wrong(subject, types, condition, names):
            found.append(condition.path)
            names |= {condition.step.step.id} if condition.step and condition.role == "value" else set()
    return found


def _is_wrong(subject: Subject, types: Types, condition: Written, names: set[str]) -> bool:
    if condition.text == UNCLEAR or any(True for _ in problems_of(subject, types, condition)):
        return True
    try:
        return bool(read_condition(condition.text, subject.survey.ids | subject.lost).names & names)
    except ExpressionError:
        return True


@dataclass(frozen=True, slots=True)
class _Clearing:
    """Steps with other conditions at some paths, and another id where they have that of an earlier step."""

    put: dict[Path, str]
    again: set[Path]

    def steps(self, steps: tuple[Any, ...], at: Path) -> tuple[Any, ...]:
        return tuple(replace(step, **dict(self._changes(step, (*at, number)))) for number, step in enumerate(steps))

    def _changes(self, step: Any, path: Path) -> Iterator[tuple[str, Any]]:
        for name in ("only_if", "confirm_if", *(("value",) if isinstance(step, Set) else ())):
            if (*path, name) in self.put:
                yield name, self.put[(*path, name)]
        if path in self.again:
            yield "id", f"{step.id} in place {'.'.join(map(str, path[1:]))}"
        if isinstance(step, Block):
            yield "steps", self.steps(step.steps, (*path, "steps"))
        jumps = [(jump, (*path, "jump", number, "when")) for number, jump in enumerate(step.jump)]
        yield "jump", tuple(replace(jump, when=self.put.get(place, jump.when)) for jump, place in jumps)
