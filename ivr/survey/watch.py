"""Words to watch for in what callers say: which they are, and what hearing one does."""

import re
import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field

from ivr.survey.parts import Language, Shape, wrong

EVERY = "mul"  # ISO 639's "multiple languages": where words stand that are watched for whatever is spoken
REMARK = r"\[[^\]]*\]"  # a machine's own: `[card]`, `[music]`
TOKEN = re.compile(rf"{REMARK}|\w+(?:'\w+)*")
ACCENTS = dict.fromkeys(map(ord, "\u0300\u0301\u0302\u0308"))  # what makes ñ or ç another letter stays


def spell(text: str) -> tuple[str, ...]:
    """The words of a text as they are compared: small letters, without accents and the English 's.

    >>> spell("My lawyer's ready. ¡Demándelos!")
    ('my', 'lawyer', 'ready', 'demandelos')
    """
    plain = unicodedata.normalize("NFD", text.replace("’", "'").casefold()).translate(ACCENTS)
    return tuple(word.removesuffix("'s") for word in TOKEN.findall(unicodedata.normalize("NFC", plain)))


def read_words(written: Any) -> Any:
    """One list is for every language."""
    by_language = {EVERY: written} if isinstance(written, list) else written
    if not isinstance(by_language, Mapping):
        return written
    return {language: tuple(words) if isinstance(words, list) else words for language, words in by_language.items()}


def read_watched(written: Any) -> Any:
    if isinstance(written, str) and (not spell(written) or re.search(REMARK, written)):
        raise wrong("E013", f'"{written}" is no word that can be heard', "write a word or a phrase")
    return written


Watched = Annotated[str, Field(max_length=80), BeforeValidator(read_watched, json_schema_input_type=str)]
WatchedWords = Annotated[tuple[Watched, ...], Field(min_length=1)]


@dataclass(frozen=True, slots=True, kw_only=True)
class WatchRule(Shape):
    """`{name: Speaks of a lawyer, words: {en: [lawyer, "see you in court"], es: [abogado]}, severity: P1}`"""

    name: Annotated[str, Field(min_length=1, max_length=120)]
    """What it says in the alert."""
    words: Annotated[
        Mapping[Language, WatchedWords],
        BeforeValidator(read_words, json_schema_input_type=WatchedWords | Mapping[Language, WatchedWords]),
    ]
    """Words and phrases: lists by language, or one list for every language. Whole words, without case or accents."""
    severity: Literal["P1", "P2", "P3"] = "P2"
    """How urgent the case is from then on, at least."""
    then: Literal["open", "raise", "propose_opt_out"] = "open"
    """`open` a case where there is none; only `raise` the one there is; or open one to `propose_opt_out`."""

    def heard_in(self, text: str, language: str) -> str | None:
        """The first of its words, as it is written here, that a text in that language holds; None: none of them."""
        said = spell(text)
        return next((word for word in self._in(language) if _holds(said, spell(word))), None)

    def _in(self, language: str) -> Iterator[str]:
        """Words for `es` are those for `es-MX` as well."""
        for spoken in (language, language.partition("-")[0], EVERY):
            yield from self.words.get(spoken, ())


def _holds(said: tuple[str, ...], phrase: tuple[str, ...]) -> bool:
    return any(said[at : at + len(phrase)] == phrase for at in range(len(said) - len(phrase) + 1))
