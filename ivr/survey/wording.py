"""Conditions, steps and durations in the words one would say to a colleague."""

from ivr.steps.scale import ScaleQuestion
from ivr.survey.diagnostics import either
from ivr.survey.domains import CodeSets
from ivr.survey.shapes import Survey
from ivr.survey.tree import All, Answer, Answered, AnyOf, Comparison, Context, Function, Literal, Membership, Node, Not

COMPARED = {
    "==": "is {}",
    "!=": "is not {}",
    "<=": "is {} or lower",
    ">=": "is {} or higher",
    "<": "is under {}",
    ">": "is over {}",
}
MIRRORED = {"<": ">", "<=": ">=", ">": "<", ">=": "<="}


def in_words(survey: Survey, text: str) -> str:
    """A condition of the survey, said aloud: `csat <= 2 or solved == no`: csat is 2 or lower of 5, or solved is no."""
    return _Words(survey).said(survey.condition(text).tree)


class _Words:
    def __init__(self, survey: Survey) -> None:
        self.survey = survey

    def said(self, node: Node) -> str:
        match node:
            case AnyOf(operands):
                return ", or ".join(self._inside(each, AnyOf) for each in operands)
            case All(operands):
                return " and ".join(self._inside(each, All) for each in operands)
            case Not(Answered(answer)):
                return f"{self.named(answer)} {'is not known' if isinstance(answer, Context) else 'was not answered'}"
            case Not(Membership(operand, members)):
                return self._membership(operand, members, "is none of", "does not include")
            case Not(operand):
                return f"not ({self.said(operand)})"
            case Answered(answer):
                return f"{self.named(answer)} {'is known' if isinstance(answer, Context) else 'was answered'}"
            case Membership(operand, members):
                return self._membership(operand, members, "is", "includes")
            case Comparison(left, operator, right):
                return self._comparison(left, operator, right)
            case _:
                return self.named(node)

    def _inside(self, node: Node, around: type) -> str:
        """A part of a longer condition; in brackets where it would be misheard."""
        said = self.said(node)
        return f"({said})" if isinstance(node, AnyOf) and around is All else said

    def _comparison(self, left: Node, operator: str, right: Node) -> str:
        if isinstance(left, Literal) and not isinstance(right, Literal):
            left, operator, right = right, MIRRORED.get(operator, operator), left
        of = ""
        if isinstance(left, Answer) and left.part is None and isinstance(right, Literal):
            step = self.survey.step(left.name)
            of = f" of {step.answers().high}" if isinstance(step, ScaleQuestion) else ""
        return f"{self.named(left)} {COMPARED[operator].format(self.named(right))}{of}"

    def _membership(self, operand: Node, members: tuple[Node, ...], one: str, several: str) -> str:
        if len(members) == 1 and isinstance(members[0], Answer):
            answers = self.survey.step(members[0].name).answers()
            if isinstance(answers, CodeSets):
                return f"{self.named(members[0])} {several} {self.named(operand)}"
        return f"{self.named(operand)} {one} {either(self.named(member) for member in members)}"

    def named(self, node: Node) -> str:
        match node:
            case Literal(bool() as value):
                return str(value).lower()
            case Literal(value):
                return f"{value:g}" if isinstance(value, int | float) else str(value)
            case Answer(name, part):
                return f"the {part} of {name}" if part else name
            case Context(name):
                return f"the call's {name}"
            case Function("count", operands):
                return f"the number of {' and '.join(map(self.named, operands))}"
            case Function(name, operands):
                kind = {"min": "lowest", "max": "highest", "mean": "mean"}[name]
                return f"the {kind} of {' and '.join(map(self.named, operands))}"
            case _:
                return self.said(node)


def duration(seconds: float) -> str:
    """Seconds as they are written in a survey.

    >>> duration(6), duration(0.5), duration(7776000), duration(90)
    ('6s', '500ms', '90 days', '90s')
    >>> duration(86400), duration(5400)
    ('24h', '90min')
    """
    for unit, unit_s in ((" days", 86400), ("h", 3600), ("min", 60)):
        if seconds % unit_s == 0 and seconds > unit_s:  # one day is 24h, and one minute 60s
            return f"{seconds / unit_s:g}{unit}"
    return f"{seconds:g}s" if seconds >= 1 or not seconds else f"{seconds * 1000:g}ms"


def counted(many: int, word: str) -> str:
    """So many of them.

    >>> counted(1, "call"), counted(2, "call")
    ('1 call', '2 calls')
    """
    return f"{many} {word}{'' if many == 1 else 's'}"


def length(seconds: float) -> str:
    """A length for reading: `31 s`, `2 min 32 s`.

    >>> length(31.2), length(152)
    ('31 s', '2 min 32 s')
    """
    minutes, rest = divmod(round(seconds), 60)
    return f"{minutes} min {rest:02} s" if minutes else f"{rest} s"
