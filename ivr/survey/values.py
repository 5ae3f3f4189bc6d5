"""The answers that conditions can tell apart: one of each kind stands for all of its kind.

`csat <= 2` and `csat >= 3` tell 1-2 from 3-5 and nothing else, so two answers are enough to try every way through.
"""

from collections.abc import Iterable, Iterator, Sequence
from itertools import combinations
from typing import Any

from ivr.survey.domains import Amounts, Codes, CodeSets, Domain, Nothing, Numbers, Recording, Truth, Words
from ivr.survey.tree import All, Answer, AnyOf, Comparison, Context, Function, Literal, Node, Not, children, nodes

FEW = 50  # so many numbers are tried one by one
RECORDED = "recorded"
OTHER = ("another", "yet another")  # text that no condition names


class Distinctions:
    """What a survey's conditions tell apart. `trees` are all of its conditions."""

    def __init__(self, trees: Iterable[Node]) -> None:
        self._atoms: dict[str, list[Node]] = {}
        self._tied: set[str] = set()  # compared with other answers, so that each value may matter
        for atom in (atom for tree in trees for whole in atoms(tree) for atom in _apart(whole)):
            names = names_in(atom)
            for name in names:
                self._atoms.setdefault(name, []).append(atom)
            if len(names) > 1:
                self._tied |= names

    def kinds(self, name: str, domain: Domain) -> tuple[tuple[Any, ...], ...]:
        """The values of an answer, those in one group that no condition tells apart."""
        values = list(self._values(name, domain))
        if name in self._tied:
            return tuple((value,) for value in values)
        groups: dict[tuple[Any, ...], list[Any]] = {}
        for value in values:
            told = tuple(atom.value(_environment(name, value)) for atom in self._atoms.get(name, ()))
            groups.setdefault(told, []).append(value)
        return tuple(map(tuple, groups.values()))

    def _values(self, name: str, domain: Domain) -> Iterable[Any]:
        match domain:
            case Numbers(low, high):
                return domain.values if high - low < FEW else self._around(name, low, high)
            case Codes(codes):
                return codes
            case CodeSets():
                return self._sets(name, domain)
            case Truth():
                return (True, False)
            case Recording():
                return (RECORDED,)
            case Words():
                return self._words(name)
            case Amounts() | Nothing():
                return ()

    def _around(self, name: str, low: int, high: int) -> Sequence[int]:
        """The numbers at which a comparison changes, and the ends."""
        near = {int(number) + step for number in self._literals(name, int | float) for step in (-1, 0, 1)}
        return sorted({low, high, *(number for number in near if low <= number <= high)})

    def _words(self, name: str) -> Sequence[str]:
        numbers = [number for number in self._literals(name, int | float) if not isinstance(number, bool)]
        near = [f"{number + step:g}" for number in numbers for step in (-1, 0, 1)]
        return list(dict.fromkeys([*self._literals(name, str), *near, *OTHER]))

    def _sets(self, name: str, domain: CodeSets) -> Iterator[tuple[str, ...]]:
        """Sets that differ in the codes that are named, or in how many the others are."""
        named = [code for code in domain.codes if code in self._literals(name, str)]
        others = [code for code in domain.codes if code not in named]
        most = len(domain.codes) if domain.at_most is None else domain.at_most
        for size in range(len(named) + 1):
            for chosen in combinations(named, size):
                for more in range(len(others) + 1):
                    if domain.at_least <= size + more <= most:
                        yield (*chosen, *others[:more])

    def _literals(self, name: str, kind: Any) -> list[Any]:
        found = (node for atom in self._atoms.get(name, ()) for node in nodes(atom))
        return [node.written for node in found if isinstance(node, Literal) and isinstance(node.written, kind)]


def atoms(tree: Node) -> Iterator[Node]:
    """The smallest parts of a condition that are true or false."""
    match tree:
        case Not() | All() | AnyOf():
            for part in children(tree):
                yield from atoms(part)
        case _:
            yield tree


def _apart(atom: Node) -> Iterator[Node]:
    """`min(a, b) <= 2` tells of each answer only whether it is under, at or over 2."""
    match atom:
        case Comparison(Function("min" | "max", operands), _, Literal() as bound) if len(operands) > 1:
            yield from (Comparison(each, sign, bound) for each in operands for sign in ("<", ">"))
        case _:
            yield atom


def names_in(tree: Node) -> set[str]:
    """The answers and context fields that an expression looks at: `csat`, `call_me.time`, `context.group`."""
    return {name_of(node) for node in nodes(tree) if isinstance(node, Answer | Context)}


def name_of(node: Answer | Context) -> str:
    if isinstance(node, Context):
        return f"context.{node.name}"
    return f"{node.name}.{node.part}" if node.part else node.name


def _environment(name: str, value: Any) -> dict[str, Any]:
    return as_environment(((name, value),))


def as_environment(known: Iterable[tuple[str, Any]]) -> dict[str, Any]:
    """Pairs of name and value as conditions see them."""
    env: dict[str, Any] = {"context": {}}
    for name, value in known:
        if name.startswith("context."):
            env["context"][name.removeprefix("context.")] = value
        else:
            env[name] = value
    return env
