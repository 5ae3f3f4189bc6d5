"""Yes, press 1. No, press 2."""

from dataclasses import dataclass
from typing import Literal

from ivr.steps.question import Question
from ivr.survey.domains import Codes


@dataclass(frozen=True, slots=True, kw_only=True)
class YesNo(Question):
    """`{id: solved, type: yes_no, ask: …}`; the answer is the code `yes` or `no`."""

    type: Literal["yes_no"]

    def answers(self) -> Codes:
        return Codes(("yes", "no"))
