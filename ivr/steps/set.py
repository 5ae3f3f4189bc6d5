"""A value derived from earlier answers."""

from dataclasses import dataclass
from typing import Literal

from ivr.survey.parts import Condition, StepKeys


@dataclass(frozen=True, slots=True, kw_only=True)
class Set(StepKeys):
    """`{id: unhappy, type: set, value: csat <= 2 or solved == no}`; later conditions may name it."""

    type: Literal["set"]
    value: Condition
    """What is worked out: a condition, a number, or a code."""
