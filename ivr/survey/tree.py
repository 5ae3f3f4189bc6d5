"""What conditions are made of: each node knows what it comes to, where unknown is None."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from operator import eq, ge, gt, le, lt, ne
from statistics import fmean
from typing import Any

AGGREGATES: Mapping[str, Callable[[Sequence[Any]], Any]] = {"min": min, "max": max, "mean": fmean}
COMPARISONS: Mapping[str, Callable[[Any, Any], Any]] = {"==": eq, "!=": ne, "<": lt, "<=": le, ">": gt, ">=": ge}

Environment = Mapping[str, Any]
"""Step -> its answer, where there is one; and `context` -> what the contact centre knows, as text."""


@dataclass(frozen=True, slots=True)
class Literal:
    """A number, a code, quoted text, true or false; `bare` where it is a word without quotes."""

    written: Any
    bare: bool = False
    column: int = field(default=0, compare=False)

    def value(self, env: Environment) -> Any:  # noqa: ARG002  every node is asked the same way
        return self.written


@dataclass(frozen=True, slots=True)
class Answer:
    """The answer of a step, or of a part of it (`call_me.time`)."""

    name: str
    part: str | None = None
    column: int = field(default=0, compare=False)

    def value(self, env: Environment) -> Any:
        return env.get(f"{self.name}.{self.part}" if self.part else self.name)


@dataclass(frozen=True, slots=True)
class Context:
    """A field of what the contact centre knows: `context.group`."""

    name: str
    column: int = field(default=0, compare=False)

    def value(self, env: Environment) -> Any:
        return env.get("context", {}).get(self.name)


@dataclass(frozen=True, slots=True)
class Answered:
    """`answered(csat)`, `answered(context.language)`: never unknown."""

    answer: Answer | Context

    def value(self, env: Environment) -> bool:
        return self.answer.value(env) is not None


@dataclass(frozen=True, slots=True)
class Function:
    """`min`, `max` and `mean` of the answers that are there, unknown where there are none.

    `count` says how many are there, of an answer with several codes how many codes.
    """

    name: str
    operands: tuple["Node", ...]

    def value(self, env: Environment) -> Any:
        given = [value for operand in self.operands if (value := operand.value(env)) is not None]
        if self.name == "count":
            return sum(len(value) if isinstance(value, list | tuple) else 1 for value in given)
        numbers = [number for value in given if (number := _as_number(value)) is not None]
        return AGGREGATES[self.name](numbers) if numbers else None


@dataclass(frozen=True, slots=True)
class Comparison:
    left: "Node"
    operator: str
    right: "Node"

    def value(self, env: Environment) -> bool | None:
        left, right = _alike(self.left.value(env), self.right.value(env))
        if left is None or right is None:
            return None
        if type(left) is not type(right) and not (_is_number(left) and _is_number(right)):
            return {"==": False, "!=": True}.get(self.operator)
        return bool(COMPARISONS[self.operator](left, right))


@dataclass(frozen=True, slots=True)
class Membership:
    """`reason in [wait, courtesy]`, or `wait in used` of an answer with several codes."""

    operand: "Node"
    members: tuple["Node", ...]

    def value(self, env: Environment) -> bool | None:
        wanted = self.operand.value(env)
        if wanted is None:
            return None
        members = [each for member in self.members for each in _each(member.value(env))]
        if any(left == right for left, right in (_alike(wanted, member) for member in members)):
            return True
        return None if None in members else False


@dataclass(frozen=True, slots=True)
class Not:
    operand: "Node"

    def value(self, env: Environment) -> bool | None:
        value = self.operand.value(env)
        return None if value is None else value is not True


@dataclass(frozen=True, slots=True)
class All:
    """`a and b`: false as soon as one is false, whatever is unknown."""

    operands: tuple["Node", ...]

    def value(self, env: Environment) -> bool | None:
        unknown = False
        for operand in self.operands:
            value = operand.value(env)
            if value is False:
                return False
            unknown = unknown or value is not True
        return None if unknown else True


@dataclass(frozen=True, slots=True)
class AnyOf:
    """`a or b`: true as soon as one is true, whatever is unknown."""

    operands: tuple["Node", ...]

    def value(self, env: Environment) -> bool | None:
        unknown = False
        for operand in self.operands:
            value = operand.value(env)
            if value is True:
                return True
            unknown = unknown or value is not False
        return None if unknown else False


Node = Literal | Answer | Context | Answered | Function | Comparison | Membership | Not | All | AnyOf


def nodes(tree: Node) -> Iterator[Node]:
    """The node and all below it."""
    yield tree
    for child in children(tree):
        yield from nodes(child)


def children(tree: Node) -> tuple[Node, ...]:
    match tree:
        case Answered(answer):
            return (answer,)
        case Comparison(left, _, right):
            return (left, right)
        case Membership(operand, members):
            return (operand, *members)
        case Not(operand):
            return (operand,)
        case Function(_, operands) | All(operands) | AnyOf(operands):
            return operands
        case _:
            return ()


def _is_number(value: Any) -> bool:
    return type(value) is int or type(value) is float


def _alike(left: Any, right: Any) -> tuple[Any, Any]:
    """Context comes as text; beside a number it is read as one, and is unknown where it is none."""
    if isinstance(left, str) and _is_number(right):
        return _number(left), right
    if isinstance(right, str) and _is_number(left):
        return left, _number(right)
    return left, right


def _as_number(value: Any) -> float | None:
    return value if _is_number(value) else _number(value) if isinstance(value, str) else None


def _number(text: str) -> float | None:
    try:
        return float(text) if len(text) <= 20 else None
    except ValueError:
        return None


def _each(value: Any) -> list[Any]:
    return list(value) if isinstance(value, list | tuple) else [value]
