"""To a live person while the caller is still on the line."""

from dataclasses import dataclass
from typing import Literal

from ivr.survey.parts import Prompt, Seconds, StepKeys


@dataclass(frozen=True, slots=True, kw_only=True)
class Transfer(StepKeys):
    """`{id: person, type: transfer, say: …, to: "+12025550100", timeout: 30s, after: continue}`

    `to` is a number or a SIP address (`sip:desk@harbor.example`). Afterwards the survey goes on with the next step,
    or ends. `then: transfer` and the star menu's `agent` come to the next transfer of the list, whatever its `only_if`.
    """

    type: Literal["transfer"]
    to: str
    say: Prompt | None = None
    timeout: Seconds = 30.0
    after: Literal["continue", "end"] = "continue"
