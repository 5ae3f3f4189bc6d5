"""To a live person while the caller is still on the line."""

from dataclasses import dataclass
from typing import Literal

from ivr.survey.parts import Prompt, Seconds, StepKeys


@dataclass(frozen=True, slots=True, kw_only=True)
class Transfer(StepKeys):
    """`{id: person, type: transfer, say: …, to: "+12025550100", timeout: 30s, after: continue}`

    `then: transfer` and the star menu's `agent` come to the next transfer of the list, whatever its `only_if`.
    """

    type: Literal["transfer"]
    to: str
    """A number with its country code, or a SIP address: `sip:desk@harbor.example`."""
    say: Prompt | None = None
    """What the caller hears first."""
    timeout: Seconds = 30.0
    """How long it rings there."""
    after: Literal["continue", "end"] = "continue"
    """When they have spoken, the survey goes on with the next step, or ends; when nobody answered, it goes on."""
