"""A whole number between two bounds."""

from dataclasses import dataclass
from typing import Literal

from ivr.call import Spoken
from ivr.speaker import Speaker
from ivr.steps.outcome import Given, Missed
from ivr.steps.question import Question
from ivr.survey.domains import Numbers


@dataclass(frozen=True, slots=True, kw_only=True)
class Number(Question):
    """`{id: visits, type: number, min: 0, max: 30, ask: …}`; the answer is a number."""

    type: Literal["number"]
    min: int = 0
    """The lowest number that is an answer."""
    max: int
    """The highest number that is an answer."""

    def answers(self) -> Numbers:
        return Numbers(self.min, self.max)

    def short_keys(self, speaker: Speaker) -> tuple[Spoken, ...]:
        return (speaker.phrase("key_range", low=str(self.min), high=str(self.max)),)

    def longest(self) -> int:
        return len(str(self.max))

    def read(self, keys: str) -> Given | Missed:
        if keys.isascii() and keys.isdigit() and self.min <= int(keys) <= self.max:
            return Given(int(keys), keys)
        return Missed("wrong_key")
