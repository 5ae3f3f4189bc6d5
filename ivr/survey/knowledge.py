"""What may be known in a call: the values that its answers and its context may have, as far as conditions ask."""

from collections.abc import Iterator, Sequence
from functools import lru_cache
from itertools import product
from typing import Any

from ivr.steps.question import Question
from ivr.steps.set import Set
from ivr.steps.voice import Voice
from ivr.survey.domains import Domain, Words
from ivr.survey.shapes import Survey
from ivr.survey.tree import Answered, Function, Node, nodes
from ivr.survey.values import RECORDED, Distinctions, as_environment, names_in

CONSENT = "##consent"

Known = frozenset[tuple[str, Any]]
"""What may be known at a place: pairs of a name and its value; a name that is not there has no answer."""


class Knowledge:
    """What may become known in calls of one survey. Its conditions must be readable."""

    def __init__(self, survey: Survey) -> None:
        self.survey = survey
        self._distinctions = Distinctions(survey.condition(text).tree for text in _conditions(survey))
        self._kinds: dict[str, tuple[tuple[Any, ...], ...]] = {}
        self._learned: dict[str, Sequence[Known]] = {}
        self._behind: dict[str, frozenset[str]] = {}

    def beginnings(self, names: frozenset[str]) -> Iterator[Known]:
        """What may be known when a call begins: of these names those of the context, each of which may be missing."""
        fields = sorted(name for name in names if name.startswith("context."))
        for values in product(*([None, *(kind[0] for kind in self.kinds(name))] for name in fields)):
            yield frozenset((name, value) for name, value in zip(fields, values, strict=True) if value is not None)

    def learned(self, step: Question | Voice) -> Sequence[Known]:
        """What becomes known at a question: first without an answer, then with each that conditions tell apart."""
        if step.id not in self._learned:
            asked = frozenset({(asked_name(step.id), True)})
            left = asked | {(_left_name(step.id), True)}
            self._learned[step.id] = [left, *(asked | answer for answer in self._answers(step))]
        return self._learned[step.id]

    def behind(self, text: str) -> frozenset[str]:
        """What tells whether all was answered that a condition looks at: names for `is_whole`.

        Nothing, where it asks for that itself, by `answered` or `count`.
        """
        if text not in self._behind:
            itself = any(map(_asks_whether, nodes(self.survey.condition(text).tree)))
            self._behind[text] = frozenset() if itself else frozenset(self._all_behind(text))
        return self._behind[text]

    def is_whole(self, text: str, known: Known) -> bool:
        """Whether each question that a condition looks at was answered where it was asked, and the context is there."""
        there = {name for name, _ in known}  # of the context, each field; of a question, that it was left
        return all((name in there) is name.startswith("context.") for name in self.behind(text))

    def kinds(self, name: str) -> tuple[tuple[Any, ...], ...]:
        """The values of an answer or context field, grouped by what conditions tell apart."""
        if name not in self._kinds:
            self._kinds[name] = self._distinctions.kinds(name, self._domain(name))
        return self._kinds[name]

    def _all_behind(self, text: str) -> Iterator[str]:
        for name in names_in(self.survey.condition(text).tree):
            if name.startswith("context."):
                yield name
                continue
            step = self.survey.step(name.partition(".")[0])
            yield from self._all_behind(step.value) if isinstance(step, Set) else (_left_name(step.id),)

    def _domain(self, name: str) -> Domain:
        if name.startswith("context."):
            return Words()
        step_id, _, part = name.partition(".")
        step = self.survey.step(step_id)
        return step.parts()[part] if part else step.answers()

    def _answers(self, step: Question | Voice) -> Iterator[Known]:
        if isinstance(step, Voice):
            yield frozenset({(step.id, RECORDED)})
            return
        for kind in self.kinds(step.id):
            for parts in self._parts(step, kind[0]):
                yield parts | {(step.id, frozen(kind[0]))}

    def _parts(self, step: Question, value: Any) -> Iterator[Known]:
        """The further answers of a callback that was wanted; each may be missing."""
        names = [f"{step.id}.{part}" for part in step.parts()] if value != "no" else []
        choices = [[None, *(kind[0] for kind in self.kinds(name))] for name in names]
        for chosen in product(*choices):
            pairs = zip(names, chosen, strict=True)
            yield frozenset((name, frozen(part)) for name, part in pairs if part is not None)


def asked_name(step_id: str) -> str:
    """The name under which it is known that a step was asked."""
    return f"#asked {step_id}"


def trimmed(known: Known, live: frozenset[str]) -> Known:
    """What is known of the names that are still asked for."""
    kept = [pair for pair in known if pair[0] in live]
    return known if len(kept) == len(known) else frozenset(kept)


@lru_cache(maxsize=20_000)
def environment(known: Known) -> dict[str, Any]:
    """What is known, as conditions see it."""
    return as_environment(pair for pair in known if not pair[0].startswith("#"))


def frozen(value: Any) -> Any:
    return tuple(value) if isinstance(value, list) else value


def _conditions(survey: Survey) -> Iterator[str]:
    """The text of every condition of a survey."""
    for step in survey.all_steps:
        yield from (text for text in (step.only_if, step.confirm_if) if text)
        yield from (jump.when for jump in step.jump)
        if isinstance(step, Set):
            yield step.value
    yield from (rule.when for rule in survey.alerts)


def _left_name(step_id: str) -> str:
    """The name under which it is known that a step was asked, and left without an answer."""
    return f"#left {step_id}"


def _asks_whether(node: Node) -> bool:
    """Whether it is known also of a question that has no answer."""
    return isinstance(node, Answered) or (isinstance(node, Function) and node.name == "count")
