"""May we call you back, at which number, and when?"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from ivr import call
from ivr.speaker import Speaker
from ivr.steps.choice import label_of, read_out
from ivr.steps.outcome import Done, Given, Missed, Outcome
from ivr.steps.question import Question
from ivr.steps.yes_no import CODES, key_of, yes_or_no
from ivr.survey.domains import Codes, Domain, Words
from ivr.survey.parts import Option, Prompt

NUMBER_LENGTH = range(5, 16)  # the longest telephone number has 15 digits (E.164)


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

    def parts(self) -> Mapping[str, Domain]:
        """What it asks after a yes: `call_me.number`, `call_me.time`."""
        asked = {
            "number": Words() if self.number else None,
            "time": Codes(tuple(each.code for each in self.times)) if self.time else None,
        }
        return {part: domain for part, domain in asked.items() if domain}

    def pose(self, speaker: Speaker, phase: str) -> tuple[call.Directive, ...]:
        match phase:
            case "number" if self.number:
                return (speaker.gather(self, speaker.prompt(self.number), None),)
            case "time" if self.time:
                return (speaker.gather(self, (*speaker.prompt(self.time), *read_out(self.times, speaker)), 1),)
        return Question.pose(self, speaker, phase)

    def hear(self, speaker: Speaker, phase: str, heard: call.Input) -> Outcome:
        match phase, heard:
            case "number", call.Digits(keys):
                return self._hear_number(keys)
            case "number", _ if speaker.state.number_known:
                return Done(then=self.follow_up("number", "yes"))
            case "time", call.Digits(keys):
                return self._hear_time(keys)
            case (("number" | "time"), _):
                return Missed("silence")
        return Question.hear(self, speaker, phase, heard)

    def follow_up(self, phase: str, value: object) -> str | None:
        """After a yes the number, then the time, as far as they are asked for."""
        if value == "no":
            return None
        if phase == "ask" and self.number:
            return "number"
        return "time" if phase != "time" and self.time else None

    def keys(self, speaker: Speaker) -> tuple[call.Spoken, ...]:
        return yes_or_no(speaker)

    def read(self, keys: str) -> Given | Missed:
        return Given(CODES[keys], keys) if keys in CODES else Missed("wrong_key")

    def label(self, speaker: Speaker, value: str) -> str | None:
        return speaker.phrase(value).text if value in CODES.values() else label_of(self.times, speaker, value)

    def keys_for(self, code: str, speaker: Speaker) -> str | None:
        return key_of(code, speaker)

    def _hear_number(self, keys: str) -> Outcome:
        if not (keys.isascii() and keys.isdigit()):
            return Missed("wrong_key")
        if len(keys) not in NUMBER_LENGTH:
            return Missed("too_few" if len(keys) < NUMBER_LENGTH.start else "too_many")
        return Given(keys, keys, part="number")

    def _hear_time(self, keys: str) -> Outcome:
        code = next((option.code for option in self.times if option.key == keys), None)
        return Given(code, keys, part="time") if code else Missed("wrong_key")
