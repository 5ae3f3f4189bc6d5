"""How likely to recommend us, from 0 to 10, in one gather of two digits."""

from dataclasses import dataclass
from typing import ClassVar, Literal

from ivr.steps.scale import Scale, ScaleQuestion
from ivr.survey.domains import Numbers


@dataclass(frozen=True, slots=True, kw_only=True)
class Nps(ScaleQuestion):
    """`{id: recommend, type: nps, ask: …}`; the answer is a number from 0 to 10."""

    scale: ClassVar[Scale] = Scale(0, 10)
    type: Literal["nps"]

    def answers(self) -> Numbers:
        return Numbers(self.scale.low, self.scale.high)
