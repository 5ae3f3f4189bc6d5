"""Several of several options; pound ends."""

from dataclasses import dataclass
from typing import Literal

from ivr.steps.question import Question
from ivr.survey.domains import CodeSets
from ivr.survey.parts import Option


@dataclass(frozen=True, slots=True, kw_only=True)
class Multi(Question):
    """`{id: used, type: multi, ask: …, options: […], at_least: 1, at_most: 3}`; the answer is a list of codes."""

    type: Literal["multi"]
    options: tuple[Option, ...]
    """The answers to choose from, spoken as "For …, press n"; pound ends."""
    at_least: int = 1
    """The fewest options to choose."""
    at_most: int | None = None
    """The most options to choose; default: all of them."""

    def answers(self) -> CodeSets:
        return CodeSets(tuple(option.code for option in self.options), self.at_least, self.at_most)
