"""May we ask, and record?"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from ivr.survey.parts import Key, Prompt, StepKeys

Outcome = Literal["continue", "decline", "opt_out"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Consent(StepKeys):
    """`{id: hello, type: consent, legal: true, ask: …, keys: {1: continue, 9: opt_out}, silence_means: end}`"""

    type: Literal["consent"]
    ask: Prompt
    """What the caller agrees to, and the keys."""
    keys: Mapping[Key, Outcome] = field(default_factory=lambda: {"1": "continue", "2": "decline"})
    """What each key means: continue, decline, or opt_out (never to be surveyed again)."""
    silence_means: Literal["end", "decline"] = "end"
    """What silence means when it was asked again in vain; it is never consent."""
