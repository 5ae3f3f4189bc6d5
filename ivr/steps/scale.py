"""Scales: whole numbers from low to high, with what their ends mean."""

import re
from dataclasses import dataclass
from typing import Annotated, Any

from pydantic import BeforeValidator

from ivr.steps.question import Question
from ivr.survey.parts import Prompt


@dataclass(frozen=True, slots=True)
class Scale:
    """`scale: 1-5`, both ends included."""

    low: int
    high: int


def read_scale(written: Any) -> Any:
    """`1-5` as a Scale."""
    found = re.fullmatch(r"(\d{1,4})\s*-\s*(\d{1,4})", written) if isinstance(written, str) else None
    if found is None or int(found[1]) >= int(found[2]):
        raise ValueError("a scale is written LOW-HIGH in whole numbers, such as 1-5, the lower one first")
    return Scale(int(found[1]), int(found[2]))


WrittenScale = Annotated[Scale, BeforeValidator(read_scale, json_schema_input_type=str)]


@dataclass(frozen=True, slots=True, kw_only=True)
class ScaleQuestion(Question):
    """A question answered with a number on a scale; `{low}` and `{high}` name its ends in the prompt."""

    low: Prompt | None = None
    high: Prompt | None = None
