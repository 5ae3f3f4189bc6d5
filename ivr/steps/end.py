"""A named ending."""

from dataclasses import dataclass
from typing import Literal

from ivr.survey.parts import Prompt, StepKeys


@dataclass(frozen=True, slots=True, kw_only=True)
class End(StepKeys):
    """`{id: thanks, type: end, say: {en: "Thank you. Goodbye."}}`"""

    type: Literal["end"]
    say: Prompt | None = None
    """The last words; default: the goodbye of the survey's language."""
