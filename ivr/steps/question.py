"""What the steps that ask have in common."""

from dataclasses import dataclass
from typing import Annotated, Any

from pydantic import BeforeValidator

from ivr.survey.parts import Prompt, StepKeys, wrong


def read_keys(written: Any) -> str:
    """Up to four digits that the caller presses one after the other."""
    text = str(written)
    if isinstance(written, bool) or not (text.isascii() and text.isdigit() and len(text) <= 4):
        raise wrong("E012", f"{written!r} cannot be keyed in", "write the digits to press, such as 9 or 99")
    return text


Keys = Annotated[str, BeforeValidator(read_keys, json_schema_input_type=int | str)]


@dataclass(frozen=True, slots=True, kw_only=True)
class Question(StepKeys):
    """A step that wants an answer from the keypad."""

    ask: Prompt
    """The question."""
    dont_know: Keys | None = None
    """A key for callers who do not know; kept as missing: dont_know."""
    not_applicable: Keys | None = None
    """A key for callers to whom the question does not apply; kept as missing: not_applicable."""
