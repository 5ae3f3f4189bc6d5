"""Yes, press 1. No, press 2."""

from dataclasses import dataclass
from typing import Literal

from ivr.call import Spoken
from ivr.speaker import Speaker
from ivr.steps.outcome import Given, Missed
from ivr.steps.question import Question
from ivr.survey.domains import Codes

CODES = {"1": "yes", "2": "no"}


@dataclass(frozen=True, slots=True, kw_only=True)
class YesNo(Question):
    """`{id: solved, type: yes_no, ask: …}`; the answer is the code `yes` or `no`."""

    type: Literal["yes_no"]

    def answers(self) -> Codes:
        return Codes(("yes", "no"))

    def keys(self, speaker: Speaker) -> tuple[Spoken, ...]:
        return yes_or_no(speaker)

    def read(self, keys: str) -> Given | Missed:
        return Given(CODES[keys], keys) if keys in CODES else Missed("wrong_key")

    def label(self, speaker: Speaker, value: str) -> str:
        return speaker.phrase(value).text

    def keys_for(self, code: str, speaker: Speaker) -> str | None:
        return key_of(code, speaker)


def yes_or_no(speaker: Speaker) -> tuple[Spoken, ...]:
    """The two keys in words."""
    return tuple(speaker.phrase("key_answer", label=speaker.phrase(code).text, key=key) for key, code in CODES.items())


def key_of(code: str, speaker: Speaker) -> str | None:
    """The key for a code, for the word of the caller's language, or for itself."""
    return next((key for key, known in CODES.items() if code in (key, known, speaker.phrase(known).text)), None)
