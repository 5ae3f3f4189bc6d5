"""What values an answer may have. Conditions are typed by it, and checked against every value."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Numbers:
    """Whole numbers from `low` to `high`, both included."""

    low: int
    high: int

    @property
    def values(self) -> range:
        return range(self.low, self.high + 1)

    def __contains__(self, value: object) -> bool:
        return isinstance(value, int) and self.low <= value <= self.high


@dataclass(frozen=True, slots=True)
class Amounts:
    """Any number between two: a mean, the smallest of several answers."""

    low: float
    high: float


@dataclass(frozen=True, slots=True)
class Codes:
    """One of these codes."""

    codes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class CodeSets:
    """Several of these codes, at least and at most so many of them."""

    codes: tuple[str, ...]
    at_least: int = 0
    at_most: int | None = None


@dataclass(frozen=True, slots=True)
class Truth:
    """True or false: a value derived by a condition."""


@dataclass(frozen=True, slots=True)
class Words:
    """Any text: keyed digits, or what the contact centre hands over."""


@dataclass(frozen=True, slots=True)
class Recording:
    """A verbatim: there, or not."""


@dataclass(frozen=True, slots=True)
class Nothing:
    """The step gives no answer."""


Domain = Numbers | Amounts | Codes | CodeSets | Truth | Words | Recording | Nothing
