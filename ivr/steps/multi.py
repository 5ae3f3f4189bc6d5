"""Several of several options; pound ends."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from ivr.call import Spoken
from ivr.speaker import Speaker
from ivr.steps.choice import key_of, label_of, read_out
from ivr.steps.outcome import Given, Missed
from ivr.steps.question import Question
from ivr.survey.domains import CodeSets
from ivr.survey.parts import Options


@dataclass(frozen=True, slots=True, kw_only=True)
class Multi(Question):
    """`{id: used, type: multi, ask: …, options: […], at_least: 1, at_most: 3}`; the answer is a list of codes."""

    type: Literal["multi"]
    options: Options
    """The answers to choose from, spoken as "For …, press n"; pound ends."""
    at_least: int = 1
    """The fewest options to choose."""
    at_most: int | None = None
    """The most options to choose; default: all of them."""

    def answers(self) -> CodeSets:
        return CodeSets(tuple(option.code for option in self.options), self.at_least, self.at_most)

    def choices(self, speaker: Speaker) -> tuple[Spoken, ...]:
        return (*read_out(self.options, speaker), speaker.phrase("multi_end"))

    def longest(self) -> None:
        return None

    def read(self, keys: str) -> Given | Missed:
        """A key pressed twice is one choice; the codes come in the order of the options."""
        chosen = [option.code for option in self.options if option.key in keys]
        if not set(keys) <= {option.key for option in self.options}:
            return Missed("wrong_key")
        if len(chosen) < self.at_least:
            return Missed("too_few")
        if len(chosen) > (self.at_most or len(self.options)):
            return Missed("too_many")
        return Given(chosen, keys)

    def label(self, speaker: Speaker, value: Sequence[str]) -> str:
        return ", ".join(label_of(self.options, speaker, code) or code for code in value)

    def keys_for(self, code: str, speaker: Speaker) -> str | None:
        return key_of(self.options, speaker, code)
