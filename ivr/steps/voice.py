"""The caller's own words."""

from dataclasses import dataclass, field
from typing import Literal

from ivr.survey.parts import Key, Privacy, Prompt, Seconds, StepKeys

ReviewWord = Literal["keep", "again", "delete"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Voice(StepKeys):
    """`{id: why, type: voice, ask: …, max: 90s, silence: 4s, stop_key: pound, review: [keep, again, delete]}`"""

    type: Literal["voice"]
    ask: Prompt
    max: Seconds = 60.0
    silence: Seconds = 4.0
    stop_key: Key = "#"
    review: tuple[ReviewWord, ...] = ()
    privacy: Privacy = field(default_factory=Privacy)
