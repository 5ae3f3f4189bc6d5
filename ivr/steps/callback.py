"""May we call you back, at which number, and when?"""

from dataclasses import dataclass
from typing import Literal

from ivr.steps.question import Question
from ivr.survey.parts import Option, Prompt


@dataclass(frozen=True, slots=True, kw_only=True)
class Callback(Question):
    """`{id: call_me, type: callback, ask: …}`; the answer is the code `yes` or `no`.

    `number` asks for the number to call (pound alone: the one the caller called from), `time` for one of `times`;
    both only after a yes. Their answers are kept as `call_me.number` and `call_me.time`.
    """

    type: Literal["callback"]
    number: Prompt | None = None
    time: Prompt | None = None
    times: tuple[Option, ...] = ()
