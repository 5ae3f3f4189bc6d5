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
from ivr.survey.parts import StepKeys, wrong

Inside = Say | Rating | Nps | Effort | YesNo | Choice | Multi | Number | Digits | Voice | Set  # may stand in a block


@dataclass(frozen=True, slots=True)
class Share:
    """`ask: 2 of 3`"""

    asked: int
    of: int


def read_share(written: Any) -> Share:
    """`2 of 3` as a Share."""
    found = re.fullmatch(r"(\d{1,3}) of (\d{1,3})", written, re.ASCII) if isinstance(written, str) else None
    if found is None or not 1 <= int(found[1]) <= int(found[2]):
        raise wrong("E013", f"{written!r} says not how many are asked", "write it like 2 of 3")
    return Share(int(found[1]), int(found[2]))


@dataclass(frozen=True, slots=True, kw_only=True)
class Block(StepKeys):
    """`{id: details, type: block, order: shuffle, ask: 2 of 3, steps: […]}`"""

    type: Literal["block"]
    order: Literal["fixed", "shuffle", "rotate", "balanced"] = "fixed"
    """`shuffle` draws an order for each call, `rotate` draws where to begin, `balanced` takes all places in turn."""
    ask: Annotated[Share, BeforeValidator(read_share, json_schema_input_type=str)] | None = None
    """How many of the steps are asked; default: all of them."""
    steps: Annotated[tuple[Annotated[Inside, Field(discriminator="type")], ...], Field(min_length=1)]
    """The steps of the group; a block holds no other block."""
