"""A whole number between two bounds."""

from dataclasses import dataclass
from typing import Literal

from ivr.steps.scale import NumberQuestion
from ivr.survey.domains import Numbers


@dataclass(frozen=True, slots=True, kw_only=True)
class Number(NumberQuestion):
    """`{id: visits, type: number, min: 0, max: 30, ask: …}`; the answer is a number."""

    type: Literal["number"]
    min: int = 0
    """The lowest number that is an answer."""
    max: int
    """The highest number that is an answer."""

    def answers(self) -> Numbers:
        return Numbers(self.min, self.max)
