"""Which language the caller would like."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from ivr.survey.parts import Key, Prompt, StepKeys


@dataclass(frozen=True, slots=True, kw_only=True)
class Language(StepKeys):
    """`{id: tongue, type: language, ask: {en: "For English, press 1.", es: "Para español, marque 2."}}`"""

    type: Literal["language"]
    ask: Prompt
    """Heard in every language, one after the other, each naming its own key."""
    keys: Mapping[Key, str] | None = None
    """The language of each key; default: 1 is the survey's first language, 2 its second, and so on."""
