"""Which language the caller would like."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from ivr import call
from ivr.speaker import Speaker
from ivr.steps.asking import Asking
from ivr.steps.outcome import Done, Missed, Outcome
from ivr.survey.parts import Key, Prompt


@dataclass(frozen=True, slots=True, kw_only=True)
class Language(Asking):
    """`{id: tongue, type: language, ask: {en: "For English, press 1.", es: "Para español, marque 2."}}`"""

    type: Literal["language"]
    ask: Prompt
    """Heard in every language, one after the other, each naming its own key."""
    keys: Mapping[Key, str] | None = None
    """The language of each key; default: 1 is the survey's first language, 2 its second, and so on."""

    def pose(self, speaker: Speaker, phase: str) -> tuple[call.Directive, ...]:
        every = [each for language in speaker.survey.languages for each in speaker.speaking(language).prompt(self.ask)]
        return (speaker.gather(self, every, 1),)

    def short_keys(self, speaker: Speaker) -> tuple[call.Spoken, ...]:
        by_key = self.by_key(speaker.survey.languages)
        return tuple(speaker.speaking(language).phrase("star_language", key=key) for key, language in by_key.items())

    def hear(self, speaker: Speaker, phase: str, heard: call.Input) -> Outcome:
        if not isinstance(heard, call.Digits):
            return Missed("silence")
        language = self.by_key(speaker.survey.languages).get(heard.keys)
        return Done((call.LanguageChanged(language),)) if language else Missed("wrong_key")

    def give_up(self, kind: str) -> Outcome:
        """No language was chosen; the call keeps the one it has."""
        return Done()

    def by_key(self, languages: tuple[str, ...]) -> Mapping[str, str]:
        """The language that each key chooses."""
        return self.keys or {str(key): language for key, language in enumerate(languages, start=1)}
