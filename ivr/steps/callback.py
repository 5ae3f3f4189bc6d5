"""May we call you back, at which number, and when?"""

from dataclasses import dataclass
from typing import Literal

from ivr.steps.question import Question
from ivr.survey.domains import Codes
from ivr.survey.parts import Option, Prompt


@dataclass(frozen=True, slots=True, kw_only=True)
class Callback(Question):
    """`{id: call_me, type: callback, ask: …}`; the answer is the code `yes` or `no`."""

    type: Literal["callback"]
    number: Prompt | None = None
    """Asks, after a yes, for the number to call; pound alone is the one the caller called from."""
    time: Prompt | None = None
    """Asks, after a yes, which of `times` suits."""
    times: tuple[Option, ...] = ()
    """The times to choose from, spoken as "For …, press n"."""

    def answers(self) -> Codes:
        return Codes(("yes", "no"))
