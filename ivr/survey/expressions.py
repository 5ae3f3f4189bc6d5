"""Conditions: `csat <= 2 or solved == no`, read once and asked often.

A condition is true, false or unknown (None). A comparison with an answer that is not there is unknown, `not` of unknown
is unknown, and only true counts as holding. There are no loops, no calls but five fixed functions, and no attributes
but `context.…` and the parts of an answer (`call_me.time`).
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache, lru_cache
from operator import eq, ge, gt, le, lt, ne
from statistics import fmean
from typing import Any

from lark import Lark, Token, Transformer, v_args
from lark.exceptions import UnexpectedInput, UnexpectedToken, VisitError

MAX_LENGTH = 1000
MAX_DEPTH = 20
WORDS = frozenset({"and", "or", "not", "in", "true", "false", "answered", "min", "max", "mean", "count", "context"})
AGGREGATES: Mapping[str, Callable[[Sequence[Any]], Any]] = {"min": min, "max": max, "mean": fmean}
COMPARISONS: Mapping[str, Callable[[Any, Any], Any]] = {"==": eq, "!=": ne, "<": lt, "<=": le, ">": gt, ">=": ge}
GRAMMAR = r"""
    ?start: any
    ?any: all ("or" all)*
    ?all: negated ("and" negated)*
    ?negated: "not" negated -> negation
            | compared
    ?compared: operand
             | operand COMPARISON operand -> comparison
             | operand "in" members -> membership
             | operand "not" "in" members -> exclusion
    ?members: operand
            | "[" operand ("," operand)* "]" -> members
    ?operand: NUMBER -> number
            | QUOTED -> quoted
            | "true" -> yes
            | "false" -> no
            | NAME -> name
            | NAME "." NAME -> part
            | "context" "." NAME -> context
            | "answered" "(" NAME ("." NAME)? ")" -> answered
            | FUNCTION "(" operand ("," operand)* ")" -> function
            | "(" any ")"

    COMPARISON: "==" | "!=" | "<=" | ">=" | "<" | ">"
    FUNCTION.2: /(min|max|mean|count)(?=\s*\()/
    NUMBER: /-?\d{1,15}(\.\d{1,15})?/
    QUOTED: /'[^'\n]*'|"[^"\n]*"/
    NAME: /[A-Za-z][A-Za-z0-9_-]*/
    %ignore /[ \t\r\n]+/
"""
SLIPS = {  # what other languages write -> what to write here
    "===": "write == to compare",
    "==": "a comparison has two sides; join two of them with and",
    "=>": "write >=",
    "=<": "write <=",
    "=": "write == to compare",
    "<>": "write !=",
    "<": "a comparison has two sides; join two of them with and",
    ">": "a comparison has two sides; join two of them with and",
    "&&": "write and",
    "||": "write or",
    "AND": "write and, in small letters",
    "OR": "write or, in small letters",
    "NOT": "write not, in small letters",
    "!": "write not",
}

Environment = Mapping[str, Any]
"""Step -> its answer, where there is one; and `context` -> what the contact centre knows, as text."""


class ExpressionError(ValueError):
    """A condition that cannot be read; `column` counts from 0 within its text."""

    def __init__(self, message: str, repair: str, column: int = 0) -> None:
        super().__init__(f"{message}; {repair}")
        self.message, self.repair, self.column = message, repair, column


@dataclass(frozen=True, slots=True)
class Condition:
    """A condition and the answers it looks at.

    >>> unhappy = read_condition("csat <= 2 or solved == no", frozenset({"csat", "solved"}))
    >>> unhappy.value({"csat": 1}), unhappy.value({"csat": 5}), unhappy.value({"csat": 5, "solved": "yes"})
    (True, None, False)
    """

    text: str
    tree: "Node"

    def value(self, env: Environment) -> Any:
        """What the expression comes to; None where that is unknown."""
        return self.tree.value(env)

    def holds(self, env: Environment) -> bool:
        """Whether the condition is true; unknown is not."""
        return self.tree.value(env) is True

    @property
    def names(self) -> frozenset[str]:
        """The steps whose answers it looks at."""
        return frozenset(node.name for node in nodes(self.tree) if isinstance(node, Answer))


@lru_cache(maxsize=10_000)
def read_condition(text: str, ids: frozenset[str]) -> Condition:
    """Read a condition in which the words of `ids` name answers, and all other bare words are codes.

    Raises:
        ExpressionError: it is no condition; says what is wrong, where, and what to write instead.
    """
    if len(text) > MAX_LENGTH:
        raise ExpressionError(f"the condition has {len(text)} characters", f"keep it under {MAX_LENGTH:,}")
    try:
        tree = _Builder(ids).transform(_parser().parse(text))
    except UnexpectedInput as error:
        raise _explained(text, error) from error
    except (VisitError, RecursionError) as error:
        raise ExpressionError("the condition is nested too deep", "write it flatter") from error
    if _depth(tree) > MAX_DEPTH:
        raise ExpressionError("the condition is nested too deep", "write it flatter")
    return Condition(text, tree)


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
    """`answered(csat)`: never unknown."""

    answer: Answer | Literal

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


def _depth(tree: Node) -> int:
    return 1 + max((_depth(child) for child in children(tree)), default=0)


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


@cache
def _parser() -> Lark:
    return Lark(GRAMMAR, parser="lalr")


@v_args(inline=True)
class _Builder(Transformer[Token, Node]):
    """The parse tree as our nodes."""

    def __init__(self, ids: frozenset[str]) -> None:
        super().__init__()
        self.ids = ids

    def any(self, *operands: Node) -> Node:
        return AnyOf(operands)

    def all(self, *operands: Node) -> Node:
        return All(operands)

    def negation(self, operand: Node) -> Node:
        return Not(operand)

    def comparison(self, left: Node, operator: Token, right: Node) -> Node:
        return Comparison(left, str(operator), right)

    def membership(self, operand: Node, members: Node | tuple[Node, ...]) -> Node:
        return Membership(operand, members if isinstance(members, tuple) else (members,))

    def exclusion(self, operand: Node, members: Node | tuple[Node, ...]) -> Node:
        return Not(self.membership(operand, members))

    def members(self, *members: Node) -> tuple[Node, ...]:
        return members

    def number(self, token: Token) -> Node:
        return Literal(float(token) if "." in token else int(token), column=_column(token))

    def quoted(self, token: Token) -> Node:
        return Literal(str(token[1:-1]), column=_column(token))

    def yes(self) -> Node:
        return Literal(True)

    def no(self) -> Node:
        return Literal(False)

    def name(self, token: Token) -> Answer | Literal:
        if token in self.ids:
            return Answer(str(token), column=_column(token))
        return Literal(str(token), bare=True, column=_column(token))

    def part(self, token: Token, part: Token) -> Node:
        return Answer(str(token), str(part), column=_column(token))

    def context(self, token: Token) -> Node:
        return Context(str(token), column=_column(token))

    def answered(self, token: Token, part: Token | None = None) -> Node:
        return Answered(Answer(str(token), str(part) if part else None, column=_column(token)))

    def function(self, name: Token, *operands: Node) -> Node:
        return Function(str(name), operands)


def _column(token: Token) -> int:
    return token.start_pos or 0


def _explained(text: str, error: UnexpectedInput) -> ExpressionError:
    """The parser's complaint in a designer's words."""
    at_end = isinstance(error, UnexpectedToken) and error.token.type == "$END"
    column = len(text) if at_end else error.pos_in_stream or 0
    rest = text[column:].lstrip()
    if not rest:
        return ExpressionError("the condition ends too early", "write its rest, such as csat <= 2", column)
    for slip, repair in SLIPS.items():
        if rest.startswith(slip) or text[: column + 1].endswith(slip):
            return ExpressionError(f'"{slip}" has no meaning here', repair, column)
    return ExpressionError(f'"{rest.split()[0]}" does not fit here', "write it like csat <= 2 or solved == no", column)
