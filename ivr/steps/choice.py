"""One of several options, a key for each."""

from dataclasses import dataclass
from typing import Literal

from ivr.steps.question import Question
from ivr.survey.domains import Codes
from ivr.survey.parts import Option


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice(Question):
    """`{id: reason, type: choice, ask: …, options: [{key: 1, code: wait, say: …}]}`; the answer is a code."""

    type: Literal["choice"]
    options: tuple[Option, ...]
    """The answers to choose from, spoken as "For …, press n"."""

    def answers(self) -> Codes:
        return Codes(tuple(option.code for option in self.options))
