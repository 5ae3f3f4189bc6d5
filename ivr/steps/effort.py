"""How easy it was: the customer effort score."""

from dataclasses import dataclass
from typing import Literal

from ivr.steps.scale import Scale, ScaleQuestion, WrittenScale
from ivr.survey.domains import Numbers

USUAL_SCALE = Scale(1, 7)


@dataclass(frozen=True, slots=True, kw_only=True)
class Effort(ScaleQuestion):
    """`{id: ease, type: effort, scale: 1-7, low: …, high: …, ask: …}`; the answer is a number."""

    type: Literal["effort"]
    scale: WrittenScale = USUAL_SCALE
    """The lowest and the highest number."""

    def answers(self) -> Numbers:
        return Numbers(self.scale.low, self.scale.high)
