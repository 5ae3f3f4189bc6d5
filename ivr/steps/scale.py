"""Whole numbers from low to high, and scales: what their ends mean."""

import re
from dataclasses import dataclass
from typing import Annotated, Any

from pydantic import BeforeValidator

from ivr.call import Spoken
from ivr.speaker import Speaker
from ivr.steps.outcome import Given, Missed
from ivr.steps.question import Question
from ivr.survey.domains import Numbers
from ivr.survey.parts import Prompt, wrong


@dataclass(frozen=True, slots=True)
class Scale:
    """`scale: 1-5`, both ends included."""

    low: int
    high: int


def read_scale(written: Any) -> Scale:
    """`1-5` as a Scale."""
    found = re.fullmatch(r"(\d{1,4})\s*-\s*(\d{1,4})", written, re.ASCII) if isinstance(written, str) else None
    if found is None or int(found[1]) >= int(found[2]):
        raise wrong("E013", f"{written!r} is no scale", "write LOW-HIGH, the lower number first, such as 1-5")
    return Scale(int(found[1]), int(found[2]))


WrittenScale = Annotated[Scale, BeforeValidator(read_scale, json_schema_input_type=str)]


@dataclass(frozen=True, slots=True, kw_only=True)
class NumberQuestion(Question):
    """A question answered with a whole number of a range."""

    def answers(self) -> Numbers:
        raise NotImplementedError

    def longest(self) -> int:
        return len(str(self.answers().high))

    def read(self, keys: str) -> Given | Missed:
        if keys.isascii() and keys.isdigit() and int(keys) in self.answers().values:
            return Given(int(keys), keys)
        return Missed("wrong_key")

    def correction(self, speaker: Speaker, phase: str, kind: str) -> tuple[Spoken, ...]:
        """The range helps more than to hear that a key was wrong, which it was not: 90 of 30 is two right keys."""
        in_question = phase == "ask" and kind == "wrong_key"
        return self.keys(speaker) if in_question else Question.correction(self, speaker, phase, kind)

    def keys(self, speaker: Speaker) -> tuple[Spoken, ...]:
        numbers = self.answers()
        return (speaker.phrase("key_range", low=str(numbers.low), high=str(numbers.high)),)


@dataclass(frozen=True, slots=True, kw_only=True)
class ScaleQuestion(NumberQuestion):
    """A question answered with a number on the scale of its kind."""

    low: Prompt | None = None
    """What the lowest number means; `{low}` says it in the question."""
    high: Prompt | None = None
    """What the highest number means; `{high}` says it in the question."""

    def question(self, speaker: Speaker) -> tuple[Spoken, ...]:
        ends = {name: speaker.words(end) for name, end in (("low", self.low), ("high", self.high)) if end}
        return speaker.prompt(self.ask, **ends)

    def label(self, speaker: Speaker, value: int) -> str | None:
        """Only the ends of a scale have a meaning in words."""
        scale = self.answers()
        end = {scale.low: self.low, scale.high: self.high}.get(value)
        return speaker.words(end) if end else None
