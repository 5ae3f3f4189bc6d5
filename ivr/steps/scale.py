"""Scales: whole numbers from low to high, with what their ends mean."""

import re
from dataclasses import dataclass
from typing import Annotated, Any

from pydantic import BeforeValidator

from ivr.steps.question import Question
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
class ScaleQuestion(Question):
    """A question answered with a number on a scale."""

    low: Prompt | None = None
    """What the lowest number means; `{low}` says it in the question."""
    high: Prompt | None = None
    """What the highest number means; `{high}` says it in the question."""
