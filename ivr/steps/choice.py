"""One of several options, a key for each."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from ivr.call import Spoken
from ivr.speaker import Speaker
from ivr.steps.outcome import Given, Missed
from ivr.steps.question import Question, plain
from ivr.survey.domains import Codes
from ivr.survey.parts import Option, Options


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice(Question):
    """`{id: reason, type: choice, ask: …, options: [{key: 1, code: wait, say: …}]}`; the answer is a code."""

    type: Literal["choice"]
    options: Options
    """The answers to choose from, spoken as "For …, press n"."""

    def answers(self) -> Codes:
        return Codes(tuple(option.code for option in self.options))

    def choices(self, speaker: Speaker) -> tuple[Spoken, ...]:
        return read_out(self.options, speaker)

    def read(self, keys: str) -> Given | Missed:
        chosen = next((option for option in self.options if option.key == keys), None)
        return Given(chosen.code, keys) if chosen else Missed("wrong_key")

    def label(self, speaker: Speaker, value: str) -> str | None:
        return label_of(self.options, speaker, value)

    def keys_for(self, code: str, speaker: Speaker) -> str | None:
        return key_of(self.options, speaker, code)

    def hints(self, language: str) -> tuple[str, ...]:
        labels = tuple(option.say[language].text for option in self.options)
        return labels + tuple(word for words in self.synonyms.get(language, {}).values() for word in words)


def read_out(options: Sequence[Option], speaker: Speaker) -> tuple[Spoken, ...]:
    """ "For …, press n" for each of them."""
    return tuple(speaker.phrase("option", label=speaker.words(option.say), key=option.key) for option in options)


def label_of(options: Sequence[Option], speaker: Speaker, code: str) -> str | None:
    return next((speaker.words(option.say) for option in options if option.code == code), None)


def key_of(options: Sequence[Option], speaker: Speaker, said: str) -> str | None:
    """The key of the option that is named by its code, its words, or its key."""
    for option in options:
        if said in (option.key, plain(option.code), plain(speaker.words(option.say))):
            return option.key
    return None
