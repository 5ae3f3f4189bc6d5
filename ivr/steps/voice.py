"""The caller's own words."""

import math
from dataclasses import dataclass, field
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator

from ivr import call
from ivr.speaker import Speaker
from ivr.steps.asking import Asking
from ivr.steps.outcome import Done, Missed, Outcome
from ivr.survey.domains import Recording
from ivr.survey.parts import Privacy, Prompt, Seconds, wrong

ReviewWord = Literal["keep", "again", "delete"]
SHORT_TAKE_S = 3  # who presses star that early wants the star menu, not to keep what was said
STOP_KEYS = {"pound": "#", "star": "*"} | {digit: digit for digit in "0123456789"}


def read_stop_key(written: Any) -> str:
    """`pound`, `star` or a digit, as the carrier writes it."""
    if isinstance(written, bool) or str(written) not in STOP_KEYS:
        raise wrong("E012", f"{written!r} is no key", "write pound, star or one digit")
    return STOP_KEYS[str(written)]


@dataclass(frozen=True, slots=True, kw_only=True)
class Voice(Asking):
    """`{id: why, type: voice, ask: …, max: 90s, silence: 4s, stop_key: pound, review: [keep, again, delete]}`"""

    type: Literal["voice"]
    ask: Prompt
    """What the caller hears before the tone."""
    max: Seconds = 60.0
    """The longest recording, 1 s to 10 min."""
    silence: Seconds = 4.0
    """A silence of that length ends the recording."""
    stop_key: Annotated[str, BeforeValidator(read_stop_key, json_schema_input_type=int | str)] = "#"
    """The key that ends it: pound, star or a digit. Pressed before anything is said, it skips the step at once."""
    review: tuple[ReviewWord, ...] = ()
    """What the caller may do with the recording afterwards, numbered in this order; none: it is kept at once."""
    privacy: Privacy = field(default_factory=Privacy)
    """What is blanked out, and how long it is kept."""
    terms: tuple[str, ...] = ()
    """Names and product words that the transcript should expect."""

    def answers(self) -> Recording:
        return Recording()

    def pose(self, speaker: Speaker, phase: str) -> tuple[call.Directive, ...]:
        return self._pose_review(speaker) if phase == "review" else self._pose_tone(speaker)

    def hear(self, speaker: Speaker, phase: str, heard: call.Input) -> Outcome:
        if phase == "review":
            return self._hear_review(speaker.state.verbatims.get(self.id), heard)
        match heard:
            case call.Recorded(str(sid), duration_s) if duration_s > 0:
                return Done((call.VerbatimRecorded(self.id, sid, duration_s),), "review" if self.review else None)
            case call.Recorded(ended_by=self.stop_key):
                return self._nothing_said()
        return Missed("silence")

    def give_up(self, kind: str) -> Outcome:
        return self._nothing_said()

    def _pose_tone(self, speaker: Speaker) -> tuple[call.Directive, ...]:
        star = "*" if speaker.survey.defaults.star_menu else ""
        stop_keys = self.stop_key + star.replace(self.stop_key, "")
        before_tone = math.ceil(speaker.survey.wait(self).beep)
        pause = (call.Pause(before_tone),) if before_tone else ()
        record = call.Record(math.ceil(self.max), math.ceil(self.silence), stop_keys)
        return (*speaker.prompt(self.ask), *pause, record)

    def _nothing_said(self) -> Done:
        """And nothing will come; the survey goes on."""
        return Done((call.VerbatimRecorded(self.id, None, 0.0),))

    def _pose_review(self, speaker: Speaker) -> tuple[call.Directive, ...]:
        numbered = enumerate(self.review, start=1)
        return (speaker.gather(self, [speaker.phrase(f"review_{word}", key=str(key)) for key, word in numbered], 1),)

    def _hear_review(self, recording_sid: str | None, heard: call.Input) -> Outcome:
        """Silence keeps the message."""
        if not isinstance(heard, call.Digits):
            return Done()
        discarded = (call.VerbatimDiscarded(self.id, recording_sid),)
        match {str(key): word for key, word in enumerate(self.review, start=1)}.get(heard.keys):
            case "keep":
                return Done()
            case "again":
                return Done(discarded, then="ask")
            case "delete":
                return Done(discarded)
        return Missed("wrong_key")
