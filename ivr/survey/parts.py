"""The parts that steps and surveys are made of: prompts, waits, tries, conditions, durations."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator

DURATION = re.compile(r"(\d+(?:\.\d+)?)\s*(ms|s|min|h|days?)")
UNIT_S = {"ms": 0.001, "s": 1, "min": 60, "h": 3600, "day": 86400, "days": 86400}


def seconds(written: Any) -> Any:
    """`6s`, `1.5s`, `2min`, `90 days` in seconds."""
    found = DURATION.fullmatch(written) if isinstance(written, str) else None
    if found is None:
        raise ValueError("a duration needs its unit, such as 4s, 500ms, 2min or 90 days")
    return float(found[1]) * UNIT_S[found[2]]


Seconds = Annotated[float, BeforeValidator(seconds)]
Then = Literal["skip", "end", "transfer"]
StarWord = Literal["repeat", "slower", "back", "skip", "language", "agent", "stop"]


@dataclass(frozen=True, slots=True)
class Spoken:
    """What is said in one language: words, or words with the recording of them in `flows/audio/`."""

    text: str
    audio: str | None = None
    of: str | None = None  # the master text this translation was made from


Prompt = Mapping[str, Spoken]  # language -> what is said


@dataclass(frozen=True, slots=True, kw_only=True)
class Wait:
    """`wait: {first_key: 6s, between_keys: 2s}`"""

    first_key: Seconds = 6.0
    between_keys: Seconds = 2.0
    beep: Seconds = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Tries:
    """`tries: {silence: 2, wrong_key: 2, total: 3}`: at that many failures of a kind, `then` applies."""

    silence: int = 2
    wrong_key: int = 2
    too_few: int | None = None
    too_many: int | None = None
    low_confidence: int | None = None
    total: int = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Jump:
    """`jump: [{when: csat >= 4, to: thanks}]`, to a later step."""

    when: str
    to: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Privacy:
    """`privacy: {redact: [card, national_id, phone], keep: 90 days}`"""

    redact: tuple[Literal["card", "national_id", "phone", "email", "digits"], ...] = ()
    keep: Seconds | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Option:
    """`{key: 1, code: wait, say: {en: the waiting time}}`"""

    key: str
    code: str
    say: Prompt


@dataclass(frozen=True, slots=True, kw_only=True)
class StepKeys:
    """The keys every step may have; None takes the survey's default."""

    id: str
    only_if: str | None = None
    jump: tuple[Jump, ...] = ()
    wait: Wait | None = None
    tries: Tries | None = None
    then: Then | None = None
    on_silence: tuple[Prompt, ...] = ()
    on_wrong_key: tuple[Prompt, ...] = ()
    on_too_few: tuple[Prompt, ...] = ()
    on_too_many: tuple[Prompt, ...] = ()
    confirm_if: str | None = None
    barge_in: bool = True
    legal: bool = False
    sensitive: bool = False
    report_as: str | None = None
    input: tuple[Literal["keys", "speech"], ...] = ("keys",)
    synonyms: Mapping[str, Mapping[str, tuple[str, ...]]] = field(default_factory=dict)
