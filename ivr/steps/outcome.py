"""What a step makes of what it heard; the engine acts on it."""

from dataclasses import dataclass
from typing import Any

from ivr.call import Event


@dataclass(frozen=True, slots=True)
class Given:
    """An answer. `part` names a further answer of the same step, such as a callback's `time`."""

    value: Any
    keys: str
    part: str | None = None


@dataclass(frozen=True, slots=True)
class Absent:
    """There will be no answer: `refused`, `dont_know`, `not_applicable`, `silence`, `wrong_key`."""

    reason: str


@dataclass(frozen=True, slots=True)
class Missed:
    """No answer yet: `silence`, `wrong_key`, `too_few`, `too_many`, `low_confidence`. It is tried again."""

    kind: str


@dataclass(frozen=True, slots=True)
class Done:
    """Something else than an answer happened; `then` is the step's next phase, None where the step is over."""

    events: tuple[Event, ...] = ()
    then: str | None = None


@dataclass(frozen=True, slots=True)
class Over:
    """The call ends here; without a `disposition`, by what was answered so far."""

    events: tuple[Event, ...] = ()
    disposition: str | None = None


Outcome = Given | Absent | Missed | Done | Over
