"""A code or a date, keyed in."""

import re
from dataclasses import dataclass
from datetime import date
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator

from ivr.placeholders import as_date, as_digits
from ivr.speaker import Speaker
from ivr.steps.outcome import Given, Missed
from ivr.steps.question import Question
from ivr.survey.domains import Words
from ivr.survey.parts import wrong


@dataclass(frozen=True, slots=True)
class Length:
    """`length: 4`, or `length: 6-10`."""

    least: int
    most: int


ANY_LENGTH = Length(1, 20)
DATE_DIGITS = 8


def read_length(written: Any) -> Length:
    """`4` or `6-10` as a Length."""
    found = re.fullmatch(r"(\d{1,2})(?:\s*-\s*(\d{1,2}))?", str(written), re.ASCII)
    if found is None or not 1 <= int(found[1]) <= int(found[2] or found[1]):
        raise wrong(
            "E013", f"{written!r} is no length", "write a number of digits, such as 4, or a range, such as 6-10"
        )
    return Length(int(found[1]), int(found[2] or found[1]))


@dataclass(frozen=True, slots=True, kw_only=True)
class Digits(Question):
    """`{id: order, type: digits, length: 6-10, ask: …}`, or `holds: date`; the answer is text."""

    type: Literal["digits"]
    holds: Literal["code", "date"] = "code"
    """A code is kept as its digits, a date of eight digits as 2026-01-31."""
    length: Annotated[Length, BeforeValidator(read_length, json_schema_input_type=int | str)] = ANY_LENGTH
    """How many digits a code has."""
    order: Literal["day month year", "month day year", "year month day"] = "day month year"
    """The order in which a date is keyed in."""

    def answers(self) -> Words:
        return Words()

    def longest(self) -> int:
        return DATE_DIGITS if self.holds == "date" else self.length.most

    def read(self, keys: str) -> Given | Missed:
        if not (keys.isascii() and keys.isdigit()):
            return Missed("wrong_key")
        if len(keys) < (DATE_DIGITS if self.holds == "date" else self.length.least):
            return Missed("too_few")
        if len(keys) > self.longest():
            return Missed("too_many")
        return self._date(keys) if self.holds == "date" else Given(keys, keys)

    def label(self, speaker: Speaker, value: str) -> str:
        """As it is read out: digit by digit, or as a date."""
        return as_date(value, speaker.language) if self.holds == "date" else as_digits(value)

    def _date(self, keys: str) -> Given | Missed:
        parts, at = {}, 0
        for part in self.order.split():
            width = 4 if part == "year" else 2
            parts[part], at = int(keys[at : at + width]), at + width
        try:
            return Given(date(parts["year"], parts["month"], parts["day"]).isoformat(), keys)
        except ValueError:
            return Missed("wrong_key")
