"""The values of a call: what was heard, what happened, what is said next, and where the caller is."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from operator import attrgetter
from typing import Any, Literal

# What was heard ------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Digits:
    """Keys of one gather, `0-9 * #`, never empty; a trailing pound that ended the answer is not among them."""

    keys: str


@dataclass(frozen=True, slots=True)
class Silence:
    """Nothing was pressed in time, or pound alone."""


@dataclass(frozen=True, slots=True)
class Speech:
    """Recognised words, with the recogniser's confidence from 0 to 1 (None where it gave none)."""

    text: str
    confidence: float | None


@dataclass(frozen=True, slots=True)
class Recorded:
    """A recording ended. No `recording_sid`, or no length, means nothing was recorded.

    `ended_by` is the key that ended it, `hangup`, or empty (silence or the limit).
    """

    recording_sid: str | None
    duration_s: float
    ended_by: str


@dataclass(frozen=True, slots=True)
class Returned:
    """A transfer came back: the carrier's DialCallStatus and how long the parties spoke."""

    status: str
    duration_s: float


@dataclass(frozen=True, slots=True)
class HungUp:
    """The call is over at the carrier: the caller hung up, or has not been heard of for too long."""

    by: Literal["caller", "silence"] = "caller"


Input = Digits | Silence | Speech | Recorded | Returned | HungUp

# What is said next ---------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Say:
    """Words to speak; `voice` None is the carrier's default, `rate` 1.0 is natural speed."""

    text: str
    language: str
    voice: str | None = None
    rate: float = 1.0


@dataclass(frozen=True, slots=True)
class Play:
    """A recorded prompt: the file's name under `flows/audio/`, and what is said instead where it cannot be played."""

    audio: str
    instead: Say


@dataclass(frozen=True, slots=True)
class Pause:
    seconds: int


Spoken = Say | Play | Pause


@dataclass(frozen=True, slots=True)
class Gather:
    """Listen for keys while the prompts are heard.

    `digits` is the most keys an answer has; None means until pound or a wait. `finish_on` is the key that ends
    early, empty where every key is data. Waits are seconds.
    """

    prompts: tuple[Spoken, ...]
    digits: int | None = 1
    finish_on: str = ""
    first_key_s: float = 6.0
    between_keys_s: float = 2.0
    speech: bool = False
    language: str = "en"
    hints: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Record:
    """Record the caller for at most `max_s`; `silence_s` without speech, or a key of `stop_keys`, ends it."""

    max_s: int
    silence_s: int
    stop_keys: str


@dataclass(frozen=True, slots=True)
class Dial:
    """Connect the caller to a number (`+1…`) or a SIP address (`sip:…`); the call comes back afterwards."""

    to: str
    timeout_s: int = 30


@dataclass(frozen=True, slots=True)
class Hangup:
    """End the call."""


Directive = Say | Play | Pause | Gather | Record | Dial | Hangup

# What happened -------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class QuestionAsked:
    step: str
    speech_s: float  # how long the prompt takes, for the funnel: where in it the caller hung up


@dataclass(frozen=True, slots=True)
class ConsentGiven:
    step: str


@dataclass(frozen=True, slots=True)
class ConsentRefused:
    step: str


@dataclass(frozen=True, slots=True)
class OptedOut:
    """The caller never wants to be surveyed again."""

    step: str


@dataclass(frozen=True, slots=True)
class AnswerGiven:
    """An answer; `settled` is false while it is read back, and the rules wait for it."""

    step: str
    value: Any
    label: str | None
    keys: str | None
    input: Literal["dtmf", "speech"]
    settled: bool


WITHHELD = "withheld"  # what is kept of a sensitive answer


def is_number(answer: str) -> bool:
    """Whether the answer of that name is a telephone number.

    >>> is_number("call_me.number"), is_number("call_me")
    (True, False)
    """
    return answer.endswith(".number")


@dataclass(frozen=True, slots=True)
class AnswerSettled:
    """An answer that was read back is final: confirmed, kept by silence, or the caller hung up."""

    step: str


@dataclass(frozen=True, slots=True)
class AnswerWithdrawn:
    """The caller changed an answer that was read back, or keyed in more of it."""

    step: str


@dataclass(frozen=True, slots=True)
class AnswerMissing:
    step: str
    reason: str  # refused, dont_know, not_applicable, silence, wrong_key, not_asked, hung_up, error


@dataclass(frozen=True, slots=True)
class NoInput:
    step: str
    count: int


@dataclass(frozen=True, slots=True)
class NoMatch:
    """Keys that are no answer; `kind` is wrong_key, too_few, too_many or low_confidence. The keys stay out of it."""

    step: str
    count: int
    kind: str


@dataclass(frozen=True, slots=True)
class VerbatimAsked:
    step: str


@dataclass(frozen=True, slots=True)
class VerbatimRecorded:
    """The caller spoke; `recording_sid` None: the carrier has nothing, and nothing will come."""

    step: str
    recording_sid: str | None
    duration_s: float


@dataclass(frozen=True, slots=True)
class VerbatimDiscarded:
    """The caller deleted the message, or is about to speak again."""

    step: str
    recording_sid: str | None


@dataclass(frozen=True, slots=True)
class LanguageChanged:
    language: str


@dataclass(frozen=True, slots=True)
class ValueSet:
    """A `set` step derived a value."""

    step: str
    value: Any


@dataclass(frozen=True, slots=True)
class OrderDrawn:
    """The order in which a block's questions are asked in this call."""

    block: str
    order: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Transferred:
    step: str


@dataclass(frozen=True, slots=True)
class CallEnded:
    """The books close: `disposition` as in the contract, `by` is survey, caller, silence or error.

    `ending` is the `end` step that was reached.
    """

    disposition: str
    by: str
    ending: str | None = None


Event = (
    QuestionAsked
    | ConsentGiven
    | ConsentRefused
    | OptedOut
    | AnswerGiven
    | AnswerSettled
    | AnswerWithdrawn
    | AnswerMissing
    | NoInput
    | NoMatch
    | VerbatimAsked
    | VerbatimRecorded
    | VerbatimDiscarded
    | LanguageChanged
    | ValueSet
    | OrderDrawn
    | Transferred
    | CallEnded
)

# Where the caller is -------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Answer:
    """The reply to one question so far; exactly one of `value` and `missing` is there."""

    value: Any = None
    label: str | None = None
    keys: str | None = None
    input: Literal["dtmf", "speech"] | None = None
    missing: str | None = None
    settled: bool = True


@dataclass(frozen=True, slots=True)
class CallState:
    """All that the engine remembers of a call; plain values, so that it can be stored as JSON.

    `turn` numbers the exchange that is awaited, from 1. `step` is None once the call has ended. `phase` says which
    of a step's questions is open: ask (its own), confirm (the read-back), review (of a recording), number and time
    (of a callback), transfer.
    """

    language: str
    context: Mapping[str, str]
    seed: int
    turn: int = 0
    step: str | None = None
    phase: str = "ask"
    menu: bool = False  # whether the star menu stands open over it
    order: tuple[str, ...] = ()  # ids of the steps in the order of this call; empty: as they are written
    answers: Mapping[str, Answer] = field(default_factory=dict)
    verbatims: Mapping[str, str] = field(default_factory=dict)  # step -> SID of the recording that is kept
    counts: Mapping[str, int] = field(default_factory=dict)  # failures at the present question, by kind
    helped: int = 0  # how often the present question was repeated, slowed down, changed … at no cost
    rate: float = 1.0
    consented: bool = False
    opted_out: bool = False
    number_known: bool = True  # whether the caller's own number can be called back
    disposition: str = "in_progress"

    def but(self, **changes: Any) -> "CallState":
        """The same but for these fields. `dataclasses.replace` takes twice as long, and every turn needs some."""
        values = list(_values_of(self))
        for name, value in changes.items():
            values[_PLACES[name]] = value
        return CallState(*values)


_PLACES = {name: place for place, name in enumerate(CallState.__dataclass_fields__)}
_values_of = attrgetter(*_PLACES)


@dataclass(frozen=True, slots=True)
class Turn:
    """One exchange: the new state, what happened, and what is said next."""

    state: CallState
    events: tuple[Event, ...]
    directives: tuple[Directive, ...]
