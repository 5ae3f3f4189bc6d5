"""Conditions: that they can be read, name only what is known by then, and compare like with like."""

from collections.abc import Iterator
from dataclasses import dataclass

from ivr.steps.set import Set
from ivr.survey.check.subject import Located, Subject
from ivr.survey.check.types import Types, column, kind, quoted, told
from ivr.survey.diagnostics import Diagnostic, did_you_mean, either
from ivr.survey.domains import Amounts, Codes, CodeSets, Domain, Nothing, Numbers, Recording, Truth, Words
from ivr.survey.expressions import ExpressionError, read_condition
from ivr.survey.salvage import UNCLEAR
from ivr.survey.strict_yaml import Path
from ivr.survey.tree import (
    All,
    Answer,
    AnyOf,
    Comparison,
    Context,
    Function,
    Literal,
    Membership,
    Node,
    Not,
    children,
    nodes,
)

QUOTE = "name a step, or put text in quotes"
ORDERED = frozenset({"<", "<=", ">", ">="})


@dataclass(frozen=True, slots=True)
class Written:
    """A condition where it stands. `known` are the steps whose answers may be there by then."""

    role: str  # only_if, when, confirm_if, value
    text: str
    path: Path
    step: Located | None
    known: frozenset[str]


def written(subject: Subject) -> Iterator[Written]:
    """Every condition of the survey."""
    for located in subject.steps:
        step, path = located.step, located.path
        before = _asked_before(subject, located)
        if step.only_if is not None:
            yield Written("only_if", step.only_if, (*path, "only_if"), located, before)
        if isinstance(step, Set):
            yield Written("value", step.value, (*path, "value"), located, before)
        if step.confirm_if is not None:
            yield Written("confirm_if", step.confirm_if, (*path, "confirm_if"), located, before | {step.id})
        for number, jump in enumerate(step.jump):
            yield Written("when", jump.when, (*path, "jump", number, "when"), located, before | {step.id})
    for number, rule in enumerate(subject.survey.alerts):
        yield Written("when", rule.when, ("alerts", number, "when"), None, subject.survey.ids)


def check_conditions(subject: Subject) -> Iterator[Diagnostic]:
    types = Types(subject)
    for condition in written(subject):
        yield from problems_of(subject, types, condition)


def problems_of(subject: Subject, types: Types, condition: Written) -> Iterator[Diagnostic]:
    """What is wrong with one condition."""
    if condition.text == UNCLEAR:
        return
    try:
        yield from _Checker(subject, types, condition).check(subject.survey.ids | subject.lost)
    except ExpressionError as error:
        yield subject.wrong_within("E024", condition.path, condition.text, error.column, error.message, error.repair)


def _asked_before(subject: Subject, located: Located) -> frozenset[str]:
    """Steps that come earlier in every call; in a block that is not asked in a fixed order, none of its own."""
    drawn = located.block is not None and located.block.order != "fixed"
    return frozenset(
        other.step.id
        for other in subject.steps
        if other.number < located.number and not (drawn and other.block is located.block)
    )


@dataclass(frozen=True, slots=True)
class _Checker:
    """Holds one condition against what its names may be."""

    subject: Subject
    types: Types
    written: Written

    def check(self, ids: frozenset[str]) -> Iterator[Diagnostic]:
        """All that is wrong; of a word that is no step as little as of a step whose answers cannot be told.

        Raises:
            ExpressionError: the condition cannot be read.
        """
        tree = read_condition(self.written.text, ids).tree
        yield from self._names(tree)
        strays = {str(word.written) for word in self._no_steps(tree)}
        for word in self._no_steps(tree):
            yield self._no_step(word)
        tree = read_condition(self.written.text, ids | strays).tree
        yield from self._within(tree)
        if self.written.role != "value":
            yield from self._truth(tree)

    # Names --------------------------------------------------------------------------------------

    def _names(self, tree: Node) -> Iterator[Diagnostic]:
        for node in nodes(tree):
            match node:
                case Answer(name, part):
                    yield from self._name(name, part, node.column)
                case Context(name) if name not in self.subject.context:
                    repair = did_you_mean(name, self.subject.context, f"name it under context: {{{name}: optional}}")
                    yield self._wrong("E025", node.column, f'the context has no "{name}"', repair)

    def _no_steps(self, tree: Node) -> Iterator[Literal]:
        for word in self._strays(tree):
            if (
                word is not tree or self.written.role != "value" or self._meant(word) != QUOTE
            ):  # a set step may be a code
                yield word

    def _no_step(self, word: Literal) -> Diagnostic:
        return self._wrong("E025", word.column, f'"{word.written}" is no step', self._meant(word))

    def _meant(self, word: Literal) -> str:
        return did_you_mean(str(word.written), self.written.known, QUOTE)

    def _name(self, name: str, part: str | None, at: int) -> Iterator[Diagnostic]:
        located = self.subject.by_id.get(name)
        lost = name in self.subject.lost
        if located is None and lost:
            return
        if located is None:
            repair = did_you_mean(name, self.written.known, "name a step that comes earlier")
            yield self._wrong("E025", at, f'"{name}" is no step', repair)
        elif name not in self.written.known:
            yield self._later(name, at)
        elif lost:
            return
        elif part is not None and part not in located.step.parts():
            yield self._wrong("E025", at, f'"{name}" has no "{part}"', f"write {name} alone")
        elif isinstance(located.step.answers(), Nothing) and not isinstance(located.step, Set):
            yield self._wrong("E025", at, f'"{name}" gives no answer', "name a question")

    def _later(self, name: str, at: int) -> Diagnostic:
        own = self.written.step is not None and self.written.step.step.id == name
        message = f'"{name}" is this step itself' if own else f'"{name}" may not have been asked by then'
        repair = "name earlier steps" if own else f"name steps that come earlier, or move {name} up"
        return self._wrong("E026", at, message, repair)

    def _strays(self, node: Node) -> Iterator[Literal]:
        """Bare words that are no step, where nothing makes them a code."""
        match node:
            case Literal(bare=True):
                yield node
            case Comparison(Literal() as left, _, Literal() as right):
                words = [word for word in (left, right) if word.bare]
                yield from sorted(words, key=lambda word: word.written in self.subject.codes)[:1]
            case Comparison(left, _, right):
                for one, other in ((left, right), (right, left)):
                    if not isinstance(one, Literal) or isinstance(other, Literal) or not self._is_code(one, other):
                        yield from self._strays(one)
            case Membership():
                return
            case _:
                for child in children(node):
                    yield from self._strays(child)

    def _is_code(self, word: Literal, beside: Node) -> bool:
        """Whether a word is meant as a code: beside an answer that has codes, or because some answer has that code."""
        has_codes = not isinstance(self.types.infer(beside), Numbers | Amounts | Truth)
        return has_codes or word.written in self.subject.codes

    # Types --------------------------------------------------------------------------------------

    def _truth(self, node: Node) -> Iterator[Diagnostic]:
        """The node must be true or false."""
        domain = self.types.infer(node)
        if domain is not None and not isinstance(domain, Truth):
            repair = "compare it, such as csat <= 2, or write answered(…)"
            yield self._wrong("E027", column(node), f"{told(node)} is neither true nor false", repair)

    def _within(self, node: Node) -> Iterator[Diagnostic]:
        match node:
            case Comparison(left, operator, right):
                yield from self._comparison(left, operator, right)
            case Membership(operand, members):
                yield from self._membership(operand, members)
            case Not(operand):
                yield from self._truth(operand)
                yield from self._within(operand)
            case All(operands) | AnyOf(operands):
                for operand in operands:
                    yield from self._truth(operand)
                    yield from self._within(operand)
            case Function(name, operands) if name != "count":
                for operand in operands:
                    yield from self._number(operand)

    def _comparison(self, left: Node, operator: str, right: Node) -> Iterator[Diagnostic]:
        yield from self._within(left)
        yield from self._within(right)
        one, other = self.types.infer(left), self.types.infer(right)
        if one is None or other is None:
            return
        if isinstance(left, Literal) and not isinstance(right, Literal):
            left, right, one, other, operator = right, left, other, one, _mirrored(operator)
        for node, domain in ((left, one), (right, other)):
            if isinstance(domain, CodeSets):
                repair = f"write code in {told(node)}, or count({told(node)}) >= 2"
                yield self._wrong("E027", column(node), f"{told(node)} is several codes at once", repair)
                return
            if isinstance(domain, Recording):
                yield self._wrong("E027", column(node), f"{told(node)} has no value", f"write answered({told(node)})")
                return
        yield from self._pair(left, one, operator, right, other)

    def _pair(self, left: Node, one: Domain, operator: str, right: Node, other: Domain) -> Iterator[Diagnostic]:
        match one, other:
            case (Numbers() | Amounts(), Numbers() | Amounts()):
                yield from self._occurs(left, one, operator, right, other)
            case (Codes(), Codes()) if operator in ORDERED:
                message = f"{told(left)} is a code, which is neither more nor less than another"
                yield self._wrong("E027", column(right), message, "write == or !=")
            case (Codes(), Codes()):
                yield from self._shared(left, one, right, other)
            case (Words(), Codes() | Words()) | (Codes(), Words()) if operator in ORDERED:
                yield self._wrong(
                    "E027", column(right), "text is neither more nor less than other text", "write == or !="
                )
            case (Truth(), Truth()) if operator in ORDERED:
                yield self._wrong("E027", column(right), "true is neither more nor less than false", "write == or !=")
            case (Words(), _) | (_, Words()) | (Truth(), Truth()):
                return
            case _:
                message = f"{quoted(left)} is {kind(one)}, {quoted(right)} is {kind(other)}"
                yield self._wrong("E027", column(right), message, self._advice(one))

    def _occurs(
        self, left: Node, one: Numbers | Amounts, operator: str, right: Node, other: Numbers | Amounts
    ) -> Iterator[Diagnostic]:
        """A number must be one that the answer can be."""
        if not isinstance(right, Literal):
            return
        number = right.written
        broken = isinstance(one, Numbers) and isinstance(other, Amounts) and operator in ("==", "!=")
        if not one.low <= number <= one.high or broken:
            message = f"{told(left)} is never {number}"
            yield self._wrong("E028", right.column, message, self._advice(one))

    def _shared(self, left: Node, one: Codes, right: Node, other: Codes) -> Iterator[Diagnostic]:
        if set(one.codes) & set(other.codes):
            return
        message = f"{told(left)} is never {told(right)}"
        repair = did_you_mean(told(right), one.codes) if isinstance(right, Literal) else "compare it with its own codes"
        yield self._wrong("E028", column(right), message, repair)

    def _membership(self, operand: Node, members: tuple[Node, ...]) -> Iterator[Diagnostic]:
        yield from self._within(operand)
        several = [member for member in members if isinstance(self.types.infer(member), CodeSets)]
        if len(members) == 1 and not isinstance(members[0], Literal) and not several:
            message = f"{told(members[0])} is not several codes at once"
            yield self._wrong("E027", column(members[0]), message, "write == instead of in")
            return
        for member in members:
            domain = self.types.infer(member)
            if isinstance(domain, CodeSets):
                yield from self._among(operand, member, domain)
            else:
                yield from self._comparison(operand, "==", member)

    def _among(self, operand: Node, several: Node, domain: CodeSets) -> Iterator[Diagnostic]:
        one = self.types.infer(operand)
        if isinstance(one, Words) or (isinstance(one, Codes) and set(one.codes) & set(domain.codes)):
            return
        message = f"{told(several)} never has {told(operand)}"
        yield self._wrong("E028", column(operand), message, did_you_mean(told(operand), domain.codes))

    def _number(self, node: Node) -> Iterator[Diagnostic]:
        domain = self.types.infer(node)
        if domain is not None and not isinstance(domain, Numbers | Amounts | Words):
            repair = "name questions that are answered with a number"
            yield self._wrong("E027", column(node), f"{told(node)} is {kind(domain)}, not a number", repair)

    def _advice(self, domain: Domain) -> str:
        match domain:
            case Numbers(low, high) | Amounts(low, high):
                return f"compare it with a number from {low:g} to {high:g}"
            case Codes(codes):
                return f"compare it with {either(codes)}"
            case _:
                return "compare it with true or false"

    def _wrong(self, code: str, at: int, message: str, repair: str) -> Diagnostic:
        return self.subject.wrong_within(code, self.written.path, self.written.text, at, message, repair)


def _mirrored(operator: str) -> str:
    return operator.translate(str.maketrans("<>", "><"))
