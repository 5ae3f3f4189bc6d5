"""The types of conditions: what values each part of an expression may have."""

from dataclasses import dataclass, field

from ivr.steps.set import Set
from ivr.survey.check.subject import Subject
from ivr.survey.domains import Amounts, Codes, CodeSets, Domain, Nothing, Numbers, Recording, Truth, Words
from ivr.survey.expressions import ExpressionError, read_condition
from ivr.survey.tree import Answer, Context, Function, Literal, Node, nodes


@dataclass(slots=True)
class Types:
    """What values the answers of steps may have; those of `set` steps follow from their expression."""

    subject: Subject
    found: dict[str, Domain | None] = field(default_factory=dict)

    def of(self, answer: Answer) -> Domain | None:
        """None where it cannot be told."""
        if answer.name not in self.found:
            self.found[answer.name] = None  # a value that is made from itself has no type
            self.found[answer.name] = self._find(answer.name)
        if answer.part is None:
            return self.found[answer.name]
        located = self.subject.by_id.get(answer.name)
        return located.step.parts().get(answer.part) if located else None

    def _find(self, step_id: str) -> Domain | None:
        located = self.subject.by_id.get(step_id)
        if located is None or step_id in self.subject.lost:
            return None
        if located.step.sensitive:
            return Recording()  # nothing is kept of it but that it was there
        if not isinstance(located.step, Set):
            return None if isinstance(domain := located.step.answers(), Nothing) else domain
        try:
            tree = read_condition(located.step.value, self.subject.survey.ids | self.subject.lost).tree
        except ExpressionError:
            return None
        return self.infer(tree)

    def infer(self, node: Node) -> Domain | None:
        match node:
            case Literal(bool()):
                return Truth()
            case Literal(int() | float() as number):
                return Amounts(number, number) if isinstance(number, float) else Numbers(number, number)
            case Literal(str() as code):
                return Codes((code,))
            case Answer():
                return self.of(node)
            case Context():
                return Words()
            case Function("count", operands):
                most = [self.infer(operand) for operand in operands]
                return Numbers(0, sum(len(each.codes) if isinstance(each, CodeSets) else 1 for each in most))
            case Function(_, operands):
                ranges = [each for operand in operands if isinstance(each := self.infer(operand), Numbers | Amounts)]
                if len(ranges) < len(operands):
                    return None
                return Amounts(min(each.low for each in ranges), max(each.high for each in ranges))
            case _:
                return Truth()


def kind(domain: Domain) -> str:
    match domain:
        case Numbers() | Amounts():
            return "a number"
        case Codes() | CodeSets():
            return "a code"
        case Truth():
            return "true or false"
        case _:
            return "text"


def column(node: Node) -> int:
    """Where the node begins, as far as it keeps that."""
    return min((getattr(each, "column", 0) for each in nodes(node) if hasattr(each, "column")), default=0)


def quoted(node: Node) -> str:
    """The node in a sentence, where the code `no` is not to be read as a word of it."""
    return f'"{node.written}"' if isinstance(node, Literal) and isinstance(node.written, str) else told(node)


def told(node: Node) -> str:
    """The node in a message."""
    match node:
        case Literal(value):
            return str(value).lower() if isinstance(value, bool) else f"{value}"
        case Answer(name, part):
            return f"{name}.{part}" if part else name
        case Context(name):
            return f"context.{name}"
        case Function(name, operands):
            return f"{name}({', '.join(map(told, operands))})"
        case _:
            return "this"
