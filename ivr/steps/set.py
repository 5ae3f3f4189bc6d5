"""A value derived from earlier answers."""

from dataclasses import dataclass
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator

from ivr.survey.parts import Condition, StepKeys


def read_value(written: Any) -> Any:
    """`true` and numbers are expressions as well."""
    if isinstance(written, bool):
        return str(written).lower()
    return str(written) if isinstance(written, int | float) else written


@dataclass(frozen=True, slots=True, kw_only=True)
class Set(StepKeys):
    """`{id: unhappy, type: set, value: csat <= 2 or solved == no}`; later conditions may name it."""

    type: Literal["set"]
    value: Annotated[Condition, BeforeValidator(read_value, json_schema_input_type=str | bool | float)]
    """What is worked out: a condition, a number, or a code."""
