"""What the steps that ask have in common."""

import re
from dataclasses import dataclass, replace
from typing import Annotated, Any

from pydantic import BeforeValidator

from ivr import call
from ivr.speaker import Speaker
from ivr.steps.asking import Asking
from ivr.steps.outcome import Absent, Given, Missed, Outcome
from ivr.survey.parts import Prompt, wrong


def read_keys(written: Any) -> str:
    """Up to four digits that the caller presses one after the other."""
    text = str(written)
    if isinstance(written, bool) or not (text.isascii() and text.isdigit() and len(text) <= 4):
        raise wrong("E012", f"{written!r} cannot be keyed in", "write the digits to press, such as 9 or 99")
    return text


Keys = Annotated[str, BeforeValidator(read_keys, json_schema_input_type=int | str)]


@dataclass(frozen=True, slots=True, kw_only=True)
class Question(Asking):
    """A step that wants an answer from the keypad.

    A kind of question says with `longest` how many keys an answer has at most, and with `read` what keys mean.
    """

    ask: Prompt
    """The question."""
    dont_know: Keys | None = None
    """A key for callers who do not know; kept as missing: dont_know."""
    not_applicable: Keys | None = None
    """A key for callers to whom the question does not apply; kept as missing: not_applicable."""

    def pose(self, speaker: Speaker, phase: str) -> tuple[call.Directive, ...]:
        prompts = (*self.question(speaker), *self.choices(speaker), *self.ways_out(speaker))
        gather = speaker.gather(self, prompts, self.digits())
        return (
            (replace(gather, speech=True, hints=self.hints(speaker.language)),) if "speech" in self.input else (gather,)
        )

    def hear(self, speaker: Speaker, phase: str, heard: call.Input) -> Outcome:
        match heard:
            case call.Digits(keys) if keys == self.dont_know:
                return Absent("dont_know")
            case call.Digits(keys) if keys == self.not_applicable:
                return Absent("not_applicable")
            case call.Digits(keys):
                return self.read(keys)
            case call.Speech(text):
                understood = self.understand(text, speaker)
                return self.read(understood) if understood else Missed("low_confidence")
        return Missed("silence")

    def give_up(self, kind: str) -> Outcome:
        return Absent("silence" if kind == "silence" else "wrong_key")

    def question(self, speaker: Speaker) -> tuple[call.Spoken, ...]:
        return speaker.prompt(self.ask)

    def choices(self, speaker: Speaker) -> tuple[call.Spoken, ...]:
        """What the engine reads out after the question."""
        return ()

    def short_keys(self, speaker: Speaker) -> tuple[call.Spoken, ...]:
        return (*self.keys(speaker), *self.ways_out(speaker))

    def keys(self, speaker: Speaker) -> tuple[call.Spoken, ...]:
        """The keys of its answers, shortly."""
        return self.choices(speaker)

    def ways_out(self, speaker: Speaker) -> tuple[call.Spoken, ...]:
        """The keys for those who cannot answer."""
        keys = (("dont_know", self.dont_know), ("not_applicable", self.not_applicable))
        return tuple(speaker.phrase(name, key=key) for name, key in keys if key)

    def digits(self) -> int | None:
        """The most keys an answer has; None where pound or waiting ends it."""
        longest = self.longest()
        return longest and max(longest, len(self.dont_know or ""), len(self.not_applicable or ""))

    def longest(self) -> int | None:
        return 1

    def read(self, keys: str) -> Given | Missed:
        raise NotImplementedError

    def label(self, speaker: Speaker, value: Any) -> str | None:
        """What an answer means in words; None where the value says it all."""
        return None

    def understand(self, text: str, speaker: Speaker) -> str | None:
        """The keys that spoken words stand for, by the synonyms of their language or as the answer itself."""
        said = plain(text)
        synonyms = self.synonyms.get(speaker.language, {}).items()
        code = next((code for code, words in synonyms if said in map(plain, words)), said)
        return self.keys_for(code, speaker)

    def keys_for(self, code: str, speaker: Speaker) -> str | None:
        """The keys of an answer that is named by its code."""
        return code if code.isascii() and code.isdigit() else None

    def hints(self, language: str) -> tuple[str, ...]:
        """Words that the recogniser should expect."""
        return tuple(word for words in self.synonyms.get(language, {}).values() for word in words)


def plain(text: str) -> str:
    """Words as they are compared: small letters, no punctuation.

    >>> plain("Yes, please!")
    'yes please'
    """
    return " ".join(re.sub(r"[^\w\s]", " ", text.casefold()).split())
