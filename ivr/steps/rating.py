"""One number on a scale."""

from dataclasses import dataclass
from typing import Literal

from ivr.steps.scale import ScaleQuestion, WrittenScale
from ivr.survey.domains import Numbers


@dataclass(frozen=True, slots=True, kw_only=True)
class Rating(ScaleQuestion):
    """`{id: csat, type: rating, scale: 1-5, low: …, high: …, ask: …}`; the answer is a number."""

    type: Literal["rating"]
    scale: WrittenScale
    """The lowest and the highest number."""

    def answers(self) -> Numbers:
        return Numbers(self.scale.low, self.scale.high)
