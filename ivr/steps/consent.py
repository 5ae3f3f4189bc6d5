"""May we ask, and record?"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from ivr import call
from ivr.speaker import Speaker
from ivr.steps.asking import Asking
from ivr.steps.outcome import Done, Missed, Outcome, Over
from ivr.survey.parts import Key, Prompt

Meaning = Literal["continue", "decline", "opt_out"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Consent(Asking):
    """`{id: hello, type: consent, legal: true, ask: …, keys: {1: continue, 9: opt_out}, silence_means: end}`"""

    type: Literal["consent"]
    ask: Prompt
    """What the caller agrees to, and the keys."""
    keys: Mapping[Key, Meaning] = field(default_factory=lambda: {"1": "continue", "2": "decline"})
    """What each key means: continue, decline, or opt_out (never to be surveyed again)."""
    silence_means: Literal["end", "decline"] = "end"
    """What silence means when it was asked again in vain; it is never consent."""

    def pose(self, speaker: Speaker, phase: str) -> tuple[call.Directive, ...]:
        return (speaker.gather(self, speaker.prompt(self.ask), 1),)

    def short_keys(self, speaker: Speaker) -> tuple[call.Spoken, ...]:
        return tuple(speaker.phrase(f"key_{meaning}", key=key) for key, meaning in self.keys.items())

    def hear(self, speaker: Speaker, phase: str, heard: call.Input) -> Outcome:
        """Only its own key continues."""
        match self.keys.get(heard.keys) if isinstance(heard, call.Digits) else None:
            case "continue":
                return Done((call.ConsentGiven(self.id),))
            case "decline":
                return self._refused()
            case "opt_out":
                return Over((call.ConsentRefused(self.id), call.OptedOut(self.id)), "refusal")
        return Missed("wrong_key" if isinstance(heard, call.Digits) else "silence")

    def give_up(self, kind: str) -> Outcome:
        return self._refused() if kind == "silence" and self.silence_means == "decline" else Over()

    def _refused(self) -> Over:
        return Over((call.ConsentRefused(self.id),), "refusal")
