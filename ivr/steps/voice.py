"""The caller's own words."""

from dataclasses import dataclass, field
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator

from ivr.survey.domains import Recording
from ivr.survey.parts import Privacy, Prompt, Seconds, StepKeys, wrong

ReviewWord = Literal["keep", "again", "delete"]
STOP_KEYS = {"pound": "#", "star": "*"} | {digit: digit for digit in "0123456789"}


def read_stop_key(written: Any) -> str:
    """`pound`, `star` or a digit, as the carrier writes it."""
    if isinstance(written, bool) or str(written) not in STOP_KEYS:
        raise wrong("E012", f"{written!r} is no key", "write pound, star or one digit")
    return STOP_KEYS[str(written)]


@dataclass(frozen=True, slots=True, kw_only=True)
class Voice(StepKeys):
    """`{id: why, type: voice, ask: …, max: 90s, silence: 4s, stop_key: pound, review: [keep, again, delete]}`"""

    type: Literal["voice"]
    ask: Prompt
    """What the caller hears before the tone."""
    max: Seconds = 60.0
    """The longest recording, 1 s to 10 min."""
    silence: Seconds = 4.0
    """A silence of that length ends the recording."""
    stop_key: Annotated[str, BeforeValidator(read_stop_key, json_schema_input_type=int | str)] = "#"
    """The key that ends it: pound, star or a digit."""
    review: tuple[ReviewWord, ...] = ()
    """What the caller may do with the recording afterwards, numbered in this order; none: it is kept at once."""
    privacy: Privacy = field(default_factory=Privacy)
    """What is blanked out, and how long it is kept."""
    terms: tuple[str, ...] = ()
    """Names and product words that the transcript should expect."""

    def answers(self) -> Recording:
        return Recording()
