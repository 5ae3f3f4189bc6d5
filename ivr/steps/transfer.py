"""To a live person while the caller is still on the line."""

import re
from dataclasses import dataclass
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator

from ivr.survey.parts import Prompt, Seconds, StepKeys, wrong

DESTINATION = re.compile(r"\+[1-9]\d{4,14}|sips?:[^\s@]+@[^\s@]+", re.ASCII)


def read_destination(written: Any) -> str:
    """A telephone number with its country code, or a SIP address."""
    if isinstance(written, str) and DESTINATION.fullmatch(written):
        return written
    raise wrong("E013", f"{written!r} cannot be dialled", "write +12025550100 or sip:desk@harbor.example")


@dataclass(frozen=True, slots=True, kw_only=True)
class Transfer(StepKeys):
    """`{id: person, type: transfer, say: …, to: "+12025550100", timeout: 30s, after: continue}`

    `then: transfer` and the star menu's `agent` come to the next transfer of the list, whatever its `only_if`.
    """

    type: Literal["transfer"]
    to: Annotated[str, BeforeValidator(read_destination, json_schema_input_type=str)]
    """A number with its country code, or a SIP address: `sip:desk@harbor.example`."""
    say: Prompt | None = None
    """What the caller hears first."""
    timeout: Seconds = 30.0
    """How long it rings there."""
    after: Literal["continue", "end"] = "continue"
    """When they have spoken, the survey goes on with the next step, or ends; when nobody answered, it goes on.

    A call that ends there counts like one that the caller left, as `partial` or `break_off`.
    """
