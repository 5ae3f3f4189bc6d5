"""Conditions: `csat <= 2 or solved == no`, read once and asked often.

A condition is true, false or unknown (None). A comparison with an answer that is not there is unknown, `not` of unknown
is unknown, and only true counts as holding. There are no loops, no calls but five fixed functions, and no attributes
but `context.…` and the parts of an answer (`call_me.time`).
"""

from dataclasses import dataclass
from functools import cache, lru_cache
from typing import Any

from lark import Lark, Token, Transformer, v_args
from lark.exceptions import UnexpectedInput, UnexpectedToken, VisitError

from ivr.survey.tree import (
    All,
    Answer,
    Answered,
    AnyOf,
    Comparison,
    Context,
    Environment,
    Function,
    Literal,
    Membership,
    Node,
    Not,
    children,
    nodes,
)

MAX_LENGTH = 1000
MAX_DEPTH = 20
WORDS = frozenset({"and", "or", "not", "in", "true", "false", "answered", "min", "max", "mean", "count", "context"})
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
            | "answered" "(" "context" "." NAME ")" -> given
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
    tree: Node

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


def _depth(tree: Node) -> int:
    return 1 + max((_depth(child) for child in children(tree)), default=0)


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

    def given(self, token: Token) -> Node:
        return Answered(Context(str(token), column=_column(token)))

    def function(self, name: Token, *operands: Node) -> Node:
        return Function(str(name), operands)


def _column(token: Token) -> int:
    return token.start_pos or 0


def _explained(text: str, error: UnexpectedInput) -> ExpressionError:
    """The parser's complaint in a designer's words."""
    at_end = isinstance(error, UnexpectedToken) and error.token.type == "$END"
    column = len(text) if at_end else error.pos_in_stream or 0
    rest = text[column:].lstrip()
    if not rest and text.count("(") > text.count(")"):
        repair = "close the bracket; inside {…} put a condition with a comma in quotes"
        return ExpressionError("the condition ends too early", repair, column)
    if not rest:
        return ExpressionError("the condition ends too early", "write its rest, such as csat <= 2", column)
    for slip, repair in SLIPS.items():
        if rest.startswith(slip) or text[: column + 1].endswith(slip):
            return ExpressionError(f'"{slip}" has no meaning here', repair, column)
    return ExpressionError(f'"{rest.split()[0]}" does not fit here', "write it like csat <= 2 or solved == no", column)
