"""A group of steps, and in which order they are asked."""

import re
from dataclasses import dataclass
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field

from ivr.steps.choice import Choice
from ivr.steps.digits import Digits
from ivr.steps.effort import Effort
from ivr.steps.multi import Multi
from ivr.steps.nps import Nps
from ivr.steps.number import Number
from ivr.steps.rating import Rating
from ivr.steps.say import Say
from ivr.steps.set import Set
from ivr.steps.voice import Voice
from ivr.steps.yes_no import YesNo
from ivr.survey.parts import StepKeys

Inside = Say | Rating | Nps | Effort | YesNo | Choice | Multi | Number | Digits | Voice | Set  # may stand in a block


@dataclass(frozen=True, slots=True)
class Share:
    """`ask: 2 of 3`"""

    asked: int
    of: int


def read_share(written: Any) -> Any:
    """`2 of 3` as a Share."""
    found = re.fullmatch(r"(\d{1,3}) of (\d{1,3})", written) if isinstance(written, str) else None
    if found is None or not 1 <= int(found[1]) <= int(found[2]):
        raise ValueError("how many of the block's steps are asked is written like 2 of 3")
    return Share(int(found[1]), int(found[2]))


@dataclass(frozen=True, slots=True, kw_only=True)
class Block(StepKeys):
    """`{id: details, type: block, order: shuffle, ask: 2 of 3, steps: […]}`

    `shuffle` draws an order for each call, `rotate` and `balanced` give every step each place equally often;
    `balanced` counts the calls, `rotate` draws where to begin.
    """

    type: Literal["block"]
    order: Literal["fixed", "shuffle", "rotate", "balanced"] = "fixed"
    ask: Annotated[Share, BeforeValidator(read_share, json_schema_input_type=str)] | None = None
    steps: tuple[Annotated[Inside, Field(discriminator="type")], ...]
