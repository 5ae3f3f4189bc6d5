"""A message that asks nothing."""

from dataclasses import dataclass
from typing import Literal

from ivr.survey.parts import Prompt, StepKeys


@dataclass(frozen=True, slots=True, kw_only=True)
class Say(StepKeys):
    """`{id: notice, type: say, say: {en: "This call is recorded."}}`"""

    type: Literal["say"]
    say: Prompt
    """The message."""
