"""Two versions of a survey side by side: what changed, and what that does to the numbers.

*safe*: the numbers go on as they were. *trend break*: the question is asked otherwise, so numbers before and after are
not to be compared. *breaking*: answers that were there are gone, or mean something else.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, fields
from itertools import pairwise
from typing import Any, Literal

from ivr.steps import Step
from ivr.steps.question import Question
from ivr.steps.voice import Voice
from ivr.survey.check.prompts import prompts
from ivr.survey.parts import Option, Spoken
from ivr.survey.scores import steps_of
from ivr.survey.shapes import Survey
from ivr.survey.tree import Answer, nodes
from ivr.survey.wording import duration

Label = Literal["safe", "trend break", "breaking"]
GRAVITY: Mapping[Label, int] = {"safe": 0, "trend break": 1, "breaking": 2}
BREAKING = frozenset({"type", "scale", "min", "max", "holds", "length"})
WORDING = frozenset({"ask", "low", "high"})
WHO_IS_ASKED = frozenset({"only_if", "jump", "dont_know", "not_applicable", "at_least", "at_most", "order", "value"})
LOOKED_INTO = frozenset({"id", "options", "times", "steps"})  # part by part


@dataclass(frozen=True, slots=True)
class Change:
    """One change: where, what, and which scores, alerts, tests and reports it touches."""

    label: Label
    where: str
    what: str
    touches: tuple[str, ...] = ()


def compare(old: Survey, new: Survey) -> tuple[Change, ...]:
    """All changes from the old version to the new one, the gravest first."""
    found = [*_languages(old, new), *_steps(old, new), *_order(old, new), *_rules(old, new), *_rest(old, new)]
    return tuple(sorted(found, key=lambda change: -GRAVITY[change.label]))


def meaning(survey: Survey, step_id: str) -> Any:
    """All of a question that its numbers depend on; where it differs, a trend breaks."""
    step = survey.step(step_id)
    master = survey.languages[0]
    asked = {name: _value(step, name, master) for name in sorted(BREAKING | WORDING | WHO_IS_ASKED)}
    options = [(option.key, option.code, option.say[master].text) for option in getattr(step, "options", ())]
    return {**asked, "options": options}


# Languages and order --------------------------------------------------------------------------------


def _languages(old: Survey, new: Survey) -> Iterator[Change]:
    every_score = tuple(f"score {name}" for name in new.scores)
    for language in new.languages:
        if language not in old.languages:
            yield Change("trend break", "languages", f"{language} added: other callers answer now", every_score)
    for language in old.languages:
        if language not in new.languages:
            yield Change("trend break", "languages", f"{language} removed", every_score)
    if set(old.languages) == set(new.languages) and old.languages[0] != new.languages[0]:
        yield Change("safe", "languages", f"the master text is {new.languages[0]} now")


def _order(old: Survey, new: Survey) -> Iterator[Change]:
    """Questions that both have, in another order."""
    before = [question.id for question in old.questions() if question.id in new.ids]
    after = [question.id for question in new.questions() if question.id in old.ids]
    for earlier, later in pairwise(after):
        if earlier in before and later in before and before.index(earlier) > before.index(later):
            what = f"asked after {earlier}, before that the other way round"
            yield Change("trend break", later, what, _touched(old, new, later))


# Steps ----------------------------------------------------------------------------------------------


def _steps(old: Survey, new: Survey) -> Iterator[Change]:
    for step in old.all_steps:
        if step.id not in new.ids:
            label: Label = "breaking" if isinstance(step, Question | Voice) else "safe"
            yield Change(label, step.id, "removed", _touched(old, new, step.id))
        else:
            yield from _step(old, new, step, new.step(step.id))
    for step in new.all_steps:
        if step.id not in old.ids:
            yield _added(old, new, step)


def _added(old: Survey, new: Survey, step: Step) -> Change:
    """A new question changes how those after it are answered."""
    ids = [each.id for each in new.all_steps]
    later = {question.id for question in old.questions()} & set(ids[ids.index(step.id) :])
    if not isinstance(step, Question | Voice) or not later:
        return Change("safe", step.id, "added", _touched(old, new, step.id))
    touched = dict.fromkeys(name for step_id in sorted(later) for name in _touched(old, new, step_id))
    return Change("trend break", step.id, f"added before {', '.join(sorted(later))}", tuple(touched))


def _step(old: Survey, new: Survey, before: Step, after: Step) -> Iterator[Change]:
    touched = _touched(old, new, after.id)
    if before.type != after.type:
        yield Change("breaking", after.id, f"type {before.type} became {after.type}", touched)
        return
    for field in fields(after):
        one, other = getattr(before, field.name), getattr(after, field.name)
        if one != other and field.name not in LOOKED_INTO:
            yield from _field(old, new, after, field.name, one, other)
    yield from _options(old, new, after.id, getattr(before, "options", ()), getattr(after, "options", ()))


def _field(old: Survey, new: Survey, step: Step, name: str, before: Any, after: Any) -> Iterator[Change]:
    where, touched = f"{step.id}.{name}", _touched(old, new, step.id)
    if _is_prompt(before) or _is_prompt(after):
        asked = isinstance(step, Question) and name in WORDING
        yield from _prompt(new.languages[0], where, before or {}, after or {}, touched if asked else (), asked)
    elif name in BREAKING and isinstance(step, Question):
        yield Change("breaking", where, f"{_told(before)} became {_told(after)}", touched)
    elif name in WHO_IS_ASKED:
        yield Change("trend break", where, f"{_told(before)} became {_told(after)}", touched)
    else:
        plain = isinstance(before, float) and isinstance(after, float)
        yield Change("safe", where, f"{_told(before)} became {_told(after)}" if plain else "changed")


def _prompt(
    master: str,
    where: str,
    before: Mapping[str, Spoken],
    after: Mapping[str, Spoken],
    touched: tuple[str, ...],
    asked: bool,
) -> Iterator[Change]:
    """The wording of a question in the master language breaks its trend; anything else said otherwise is safe."""
    for language in dict.fromkeys([*before, *after]):
        one, other = before.get(language), after.get(language)
        if one == other:
            continue
        reworded = one is None or other is None or one.text != other.text
        here = f"{where}.{language}"
        if asked and language == master and reworded:
            was, now = (said.text if said else "" for said in (one, other))
            yield Change("trend break", here, f"“{was}” became “{now}”", touched)
        else:
            yield Change("safe", here, "text" if language == master else "translation")


def _options(
    old: Survey, new: Survey, step_id: str, before: tuple[Option, ...], after: tuple[Option, ...]
) -> Iterator[Change]:
    were, are = ({option.code: option for option in options} for options in (before, after))
    touched = _touched(old, new, step_id)
    for code in were.keys() - are.keys():
        yield Change("breaking", f"{step_id}.{code}", "option removed", touched)
    for code in are.keys() - were.keys():
        yield Change("trend break", f"{step_id}.{code}", "option added", touched)
    if [code for code in were if code in are] != [code for code in are if code in were]:
        yield Change("trend break", f"{step_id}.options", "read out in another order", touched)
    for code in were.keys() & are.keys():
        if were[code].key != are[code].key:
            what = f"key {were[code].key} became {are[code].key}"
            yield Change("trend break", f"{step_id}.{code}.key", what, touched)
        said = (were[code].say, are[code].say)
        yield from _prompt(new.languages[0], f"{step_id}.{code}.say", *said, touched, asked=True)


# Scores, alerts and the rest ------------------------------------------------------------------------


def _rules(old: Survey, new: Survey) -> Iterator[Change]:
    for name, score in old.scores.items():
        if name not in new.scores:
            yield Change("breaking", f"score {name}", "removed", (f"score {name}",))
        elif score != new.scores[name]:
            yield Change("trend break", f"score {name}", "computed otherwise", (f"score {name}",))
    for name in new.scores.keys() - old.scores.keys():
        yield Change("safe", f"score {name}", "added", (f"score {name}",))
    rules = {rule.name: rule for rule in new.alerts}
    for rule in old.alerts:
        after = rules.pop(rule.name, None)
        where, touched = f"alert “{rule.name}”", (f"alert “{rule.name}”",)
        if after is None:
            yield Change("breaking", where, "removed: nobody is told any more", touched)
        elif rule.when != after.when:
            yield Change("trend break", where, f"fires if {after.when}, was {rule.when}", touched)
        elif rule != after:
            yield Change("safe", where, "severity, team, recordings or how often", touched)
    yield from (Change("safe", f"alert “{name}”", "added", (f"alert “{name}”",)) for name in rules)


def _rest(old: Survey, new: Survey) -> Iterator[Change]:
    if old.partial_after != new.partial_after:
        yield Change("trend break", "partial_after", "other calls count as partial", ("report dispositions",))
    for name in ("title", "voices", "context", "defaults", "limits", "phrases", "speech", "watch", "tests"):
        if getattr(old, name) != getattr(new, name):
            yield Change("safe", name, "changed")


# What a change touches ------------------------------------------------------------------------------


def _touched(old: Survey, new: Survey, step_id: str) -> tuple[str, ...]:
    """The scores, alerts and tests, of either version, that look at a step; and the column of the report."""
    names: dict[str, None] = {}
    for survey in (old, new):
        names |= {f"score {name}": None for name, score in survey.scores.items() if step_id in steps_of(score)}
        for rule in survey.alerts:
            tree = survey.condition(rule.when).tree
            named = {node.name for node in nodes(tree) if isinstance(node, Answer)}
            names |= {f"alert “{rule.name}”": None} if step_id in {*named, *rule.attach} else {}
        tests = (test for test in survey.tests if step_id in {*test.expect.answers, *test.expect.missing})
        names |= {f"test “{test.name}”": None for test in tests}
        if step_id in survey.ids and isinstance(survey.step(step_id), Question):
            names[f"report {survey.step(step_id).report_as or step_id}"] = None
    return tuple(names)


def _is_prompt(value: Any) -> bool:
    return any(True for _ in prompts(value, ())) and isinstance(value, Mapping)


def _value(step: Step, name: str, master: str) -> str:
    value: Any = getattr(step, name, None)
    return str(value[master].text if _is_prompt(value) else value)


def _told(value: Any) -> str:
    """A value of a field as one would write it."""
    if value is None or value == ():
        return "nothing"
    if isinstance(value, float):
        return duration(value)
    if hasattr(value, "low"):
        return f"{value.low}-{value.high}"
    if isinstance(value, tuple):
        return ", ".join(f"{jump.when} → {jump.to}" for jump in value)
    return str(value)
