"""What is wrong in a file, where, and what to write instead."""

from collections.abc import Iterable
from dataclasses import dataclass
from difflib import get_close_matches


@dataclass(frozen=True, slots=True)
class Place:
    """A line and a column, both counted from 1."""

    line: int
    column: int

    def right(self, columns: int) -> "Place":
        return Place(self.line, self.column + columns)


@dataclass(frozen=True, slots=True)
class Diagnostic:
    """One problem of a file. Codes beginning with E stop publishing; those with W are advice.

    >>> print(Diagnostic("E025", Place(8, 14), '"cast" is no step', 'did you mean "csat"?').told("nps.yaml"))
    nps.yaml:8:14: E025 "cast" is no step; did you mean "csat"?
    """

    code: str
    place: Place
    message: str
    repair: str

    @property
    def is_error(self) -> bool:
        return self.code.startswith("E")

    def told(self, name: str) -> str:
        """The line that `survey check` prints for the file called `name`."""
        return f"{name}:{self.place.line}:{self.place.column}: {self.code} {self.message}; {self.repair}"


def in_order(diagnostics: Iterable[Diagnostic]) -> tuple[Diagnostic, ...]:
    """From the top of the file to its end, each problem once."""
    return tuple(sorted(dict.fromkeys(diagnostics), key=lambda d: (d.place.line, d.place.column, d.code)))


def did_you_mean(word: str, known: Iterable[str], otherwise: str = "") -> str:
    """A repair: the known word most like `word`, else `otherwise`, else the known words.

    >>> did_you_mean("cast", ["csat", "solved"])
    'did you mean "csat"?'
    >>> did_you_mean("x", ["csat", "solved"])
    'write csat or solved'
    """
    words = list(dict.fromkeys(known))
    close = get_close_matches(word, words, n=1, cutoff=0.6)
    if close:
        return f'did you mean "{close[0]}"?'
    return otherwise or f"write {either(words)}"


def either(words: Iterable[str]) -> str:
    """`a`, `a or b`, `a, b or c`."""
    *most, last = list(words) or ["nothing"]
    return f"{', '.join(most)} or {last}" if most else last
