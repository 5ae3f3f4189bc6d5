"""The parts that steps and surveys are made of: prompts, waits, tries, conditions, durations.

The annotations are the only definition: the reader, the JSON Schema and the tables of docs/surveys.md come from them,
and the text under a field is its description there.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Annotated, Any, ClassVar, Literal

from pydantic import BeforeValidator, ConfigDict, Field, StringConstraints, ValidationInfo
from pydantic_core import PydanticCustomError

from ivr.survey.domains import Domain, Nothing

DURATION = re.compile(r"(\d{1,9}(?:\.\d{1,3})?)\s*(ms|s|min|h|days?)", re.ASCII)
UNIT_S = {"ms": 0.001, "s": 1, "min": 60, "h": 3600, "day": 86400, "days": 86400}
KEYS = {digit: digit for digit in "0123456789"} | {"star": "*", "pound": "#"}
NAME = r"[A-Za-z][A-Za-z0-9_-]*"


def wrong(code: str, what: str, repair: str) -> PydanticCustomError:
    """The error a validator raises, with the diagnostic's code and words."""
    return PydanticCustomError(code, "{what}; {repair}", {"what": what, "repair": repair})


def seconds(written: Any) -> float:
    """`6s`, `1.5s`, `2min`, `90 days` in seconds."""
    found = DURATION.fullmatch(written) if isinstance(written, str) else None
    if found is None:
        raise wrong(
            "E014", f"{written!r} is no duration", "write a number with its unit: 500ms, 4s, 2min, 3h or 90 days"
        )
    return float(found[1]) * UNIT_S[found[2]]


def key(written: Any) -> Any:
    """One key of the telephone: 0 to 9, `star` or `pound`; kept as the carrier names it, `*` and `#`."""
    if isinstance(written, bool) or str(written) not in KEYS:
        raise wrong("E012", f"{written!r} is no key", "write one digit, 0 to 9, or star or pound")
    return KEYS[str(written)]


def spoken(written: Any) -> Any:
    """Plain text is words without a recording."""
    return {"text": written} if isinstance(written, str) else written


def by_language(written: Any, info: ValidationInfo) -> Any:
    """Plain text is enough where the survey speaks one language."""
    languages = (info.context or {}).get("languages", ())
    alone = isinstance(written, str) or (isinstance(written, Mapping) and "text" in written)
    if alone and len(languages) == 1:
        return {languages[0]: written}
    if isinstance(written, Mapping) and written:
        return written
    example = ", ".join(f'{language}: "…"' for language in languages or ("en",))
    raise wrong("E013", "the text does not say its language", f"write {{{example}}}")


Seconds = Annotated[
    float,
    BeforeValidator(seconds, json_schema_input_type=Annotated[str, StringConstraints(pattern=f"^{DURATION.pattern}$")]),
]
Key = Annotated[str, BeforeValidator(key, json_schema_input_type=int | str)]
Name = Annotated[str, StringConstraints(pattern=f"^{NAME}$", max_length=60)]
Language = Annotated[str, Field(pattern=r"^[a-z]{2,3}(-[A-Za-z0-9]{2,8})*$")]
Times = Annotated[int, Field(ge=1, le=20)]
Condition = str
Then = Literal["skip", "end", "transfer"]
StarWord = Literal["repeat", "slower", "back", "skip", "language", "agent", "stop"]


class Shape:
    """What a part of a survey may hold: the fields below it and no others, each exactly of its type."""

    __slots__ = ()
    __pydantic_config__: ClassVar[ConfigDict] = ConfigDict(extra="forbid", strict=True)


@dataclass(frozen=True, slots=True)
class Spoken(Shape):
    """What is said in one language: `"Thank you."`, or `{text: "Thank you.", audio: thanks.wav}`."""

    text: str
    """The words, spoken by a machine where there is no recording; `{agent_name | 'our agent'}` puts a value in."""
    audio: str | None = None
    """A recording of the words: the name of a file in `flows/audio/`."""
    of: str | None = None
    """The master text this translation was made from; `survey explain --stale` lists those whose master has changed."""


Prompt = Annotated[
    Mapping[str, Annotated[Spoken, BeforeValidator(spoken, json_schema_input_type=str | Spoken)]],
    BeforeValidator(by_language, json_schema_input_type=str | Mapping[str, str | Spoken]),
]
"""What is said, by language."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Wait(Shape):
    """`wait: {first_key: 6s, between_keys: 2s}`"""

    first_key: Seconds = 6.0
    """How long to wait for the first key after the question."""
    between_keys: Seconds = 2.0
    """How long to wait for another key of the same answer."""
    beep: Seconds = 0.0
    """A pause before the tone of a recording."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Tries(Shape):
    """`tries: {silence: 2, wrong_key: 2, total: 3}`: at that many failures of a kind, `then` applies."""

    silence: Times = 2
    """Silences until `then` applies: at 2 the question is heard twice."""
    wrong_key: Times = 2
    """Keys that are no answer."""
    too_few: Times | None = None
    """Too few keys; counts with `wrong_key` unless named."""
    too_many: Times | None = None
    """Too many keys; counts with `wrong_key` unless named."""
    low_confidence: Times | None = None
    """Speech that was not understood; counts with `wrong_key` unless named."""
    total: Times = 3
    """Failures of all kinds together."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Jump(Shape):
    """`jump: [{when: csat >= 4, to: thanks}]`, to a later step; the first that holds is taken."""

    when: Condition
    """A condition; it may name this step and earlier ones."""
    to: str
    """The id of a later step."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Privacy(Shape):
    """`privacy: {redact: [card, national_id, phone], keep: 90 days}`"""

    redact: tuple[Literal["card", "national_id", "phone", "email", "digits"], ...] = ()
    """What is blanked out in the transcript, and silent in the copy of the recording that listeners get."""
    keep: Seconds | None = None
    """How long the recording is kept."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Option(Shape):
    """`{key: 1, code: wait, say: {en: the waiting time}}`"""

    key: Key
    """The key to press."""
    code: Name
    """The answer's name in conditions and reports."""
    say: Prompt
    """The words between "For" and "press": `the waiting time`."""


Options = Annotated[tuple[Option, ...], Field(min_length=1)]


@dataclass(frozen=True, slots=True, kw_only=True)
class StepKeys(Shape):
    """The keys every step may have."""

    id: Name
    """The step's own name: letters, digits and `_`; each once in a survey."""
    only_if: Condition | None = None
    """The step is left out unless this condition is true."""
    jump: tuple[Jump, ...] = ()
    """Where to go on after this step, instead of the next one."""
    wait: Wait | None = None
    """How long to wait for keys; default: the survey's."""
    tries: Tries | None = None
    """How often the question is tried; default: the survey's."""
    then: Then | None = None
    """What happens when tries run out; default: the survey's."""
    on_silence: tuple[Prompt, ...] = ()
    """What is said the 1st, 2nd … time nothing is pressed, before the question is heard again."""
    on_wrong_key: tuple[Prompt, ...] = ()
    """The same for a key that is no answer."""
    on_too_few: tuple[Prompt, ...] = ()
    """The same for too few keys."""
    on_too_many: tuple[Prompt, ...] = ()
    """The same for too many keys."""
    on_low_confidence: tuple[Prompt, ...] = ()
    """The same for speech that was not understood."""
    confirm_if: Condition | None = None
    """The answer is read back when this is true: 1 right, 2 change. It may name this step."""
    barge_in: bool = True
    """Whether a key pressed during the question is an answer."""
    legal: bool = False
    """The prompt must be heard whole: keys do not interrupt it, and are repeated shortly after it."""
    sensitive: bool = False
    """The answer is never stored nor logged; conditions may ask whether it was given, `answered(pin)`.

    Not for `voice` and `callback`, whose answers are kept.
    """
    report_as: str | None = None
    """The question's name in reports; default: its id."""
    input: tuple[Literal["keys", "speech"], ...] = ("keys",)
    """How the caller may answer; the keypad always works."""
    synonyms: Mapping[str, Mapping[str, tuple[str, ...]]] = field(default_factory=dict)
    """Spoken words for an answer, by language: `{en: {yes: [yeah, sure]}}`."""

    def answers(self) -> Domain:
        """What values the answer of this step may have."""
        return Nothing()

    def parts(self) -> Mapping[str, Domain]:
        """Further answers of the same step, and what values they may have: `call_me.time`."""
        return {}
