"""What a reader need not see: card numbers, national ids, telephone numbers, addresses, digits said in runs.

Found by pattern in the recogniser's words, so a number that it misheard may stay, and one that only looks like a card
may go. Only what a survey's `privacy` names is looked for.
"""

import re
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import groupby

from transcription.spoken_addresses import find_addresses
from transcription.spoken_digits import Run, find_runs, plain
from transcription.transcript import Segment, Transcript, Word

MARGIN_S = 0.25  # the recogniser's times of words are no better
CARD_LENGTHS = range(13, 20)
PHONE_LENGTHS = range(7, 16)
MARKS = {
    "card": "[card]",
    "national_id": "[national id]",
    "phone": "[phone]",
    "email": "[e-mail]",
    "digits": "[digits]",
}
# Spain's DNI and NIE, Britain's National Insurance number, Mexico's CURP, the United States' SSN.
NATIONAL_IDS = re.compile(
    r"[xyz]?-?\d{7,8}-?[a-z]|[a-z]{2}\d{6}[a-d]|[a-z]{4}\d{6}[hm][a-z]{5}[a-z\d]\d|\d{3}-\d{2}-\d{4}"
)
# Letters said after digits, alone or by name; a, e, i, o, u and y are more often words.
LETTERS = {*"bcdfghjklmnpqrstvwxz", "zee", "zed", "jay", "kay", "ess", "tee"}
LETTERS |= {"be", "cu", "efe", "ele", "ene", "equis", "erre", "ese", "eme", "hache", "jota", "ka", "pe", "uve", "zeta"}
MONEY = {"dollars", "dollar", "bucks", "cents", "euros", "euro", "pounds", "pesos", "soles", "yen", "usd", "eur", "gbp"}


@dataclass(frozen=True, slots=True)
class Private:
    """Words `first` to `last`, counted from 0, that are of that kind."""

    kind: str
    first: int
    last: int


@dataclass(frozen=True, slots=True)
class Redaction:
    """A transcript with marks in place of private words, and where those sound, in seconds."""

    transcript: Transcript
    spans: tuple[tuple[float, float], ...]


def redact(transcript: Transcript, kinds: Collection[str]) -> Redaction:
    """Blank out what is private. Where words have no times, the whole passage counts as where they sound."""
    words = [word for segment in transcript.segments for word in _words(segment)]
    found = find_private([word.text for word in words], kinds, transcript.language)
    marks = {place: private.kind for private in found for place in range(private.first, private.last + 1)}
    places = iter(range(len(words)))
    segments = tuple(
        _blank(segment, [marks.get(next(places)) for _ in _words(segment)]) for segment in transcript.segments
    )
    spans = tuple((words[private.first].start - MARGIN_S, words[private.last].end + MARGIN_S) for private in found)
    return Redaction(replace(transcript, segments=segments), spans)


def find_private(words: Sequence[str], kinds: Collection[str], language: str) -> tuple[Private, ...]:
    """The private words among these, in order and apart from each other.

    >>> find_private("my card is 4111 1111 1111 1111 thanks".split(), ["card"], "en")
    (Private(kind='card', first=3, last=6),)
    """
    found: dict[int, Private] = {}
    for private in _candidates(words, language):  # the surest kinds come first
        places = range(private.first, private.last + 1)
        if private.kind in kinds and not any(place in found for place in places):
            found |= dict.fromkeys(places, private)
    return tuple(sorted(set(found.values()), key=lambda private: private.first))


def _candidates(words: Sequence[str], language: str) -> Iterator[Private]:
    said = [plain(word) for word in words]
    runs = [run for run in find_runs(words, language) if not _is_money(said, run)]
    yield from (Private("email", first, last) for first, last in find_addresses(said, language))
    for run in find_runs(words, language, whatever_joins=True):
        if _has_card(run.digits):
            yield _private("card", run)
    yield from _national_ids(said, runs, language)
    for run in runs:
        if len(run.digits) in PHONE_LENGTHS:
            yield _private("phone", run)
    for run in runs:
        if len(run.digits) >= 6 or (len(run.digits) >= 4 and len(set(run.places)) >= 3):
            yield _private("digits", run)


def _is_money(said: Sequence[str], run: Run) -> bool:
    """One number, and then a currency: `250000 pesos`."""
    after = run.places[-1] + 1
    return len(set(run.places)) == 1 and after < len(said) and said[after] in MONEY


def _private(kind: str, run: Run) -> Private:
    return Private(kind, run.places[0], run.places[-1])


def _has_card(digits: str) -> bool:
    """Whether a card's number stands anywhere among these digits; then none of them should stay."""
    lengths = [length for length in CARD_LENGTHS if length <= len(digits)]
    return any(_is_card(digits[at : at + length]) for length in lengths for at in range(len(digits) - length + 1))


def _is_card(digits: str) -> bool:
    """The check of Luhn (ISO/IEC 7812-1); cards begin with 2 to 6, and zeros alone are none."""
    doubled = [int(digit) * (1 + i % 2) for i, digit in enumerate(reversed(digits))]
    return digits[0] in "23456" and sum(value // 10 + value % 10 for value in doubled) % 10 == 0


def _national_ids(said: Sequence[str], runs: Sequence[Run], language: str) -> Iterator[Private]:
    for place, word in enumerate(said):
        if NATIONAL_IDS.fullmatch(word.replace(".", "")):
            yield Private("national_id", place, place)
    for run in runs:
        first, last = run.places[0], run.places[-1]
        lettered = _is_letter(said, last + 1)
        if len(run.digits) == 9 and language != "es":  # nine digits are a telephone number there
            yield _private("national_id", run)
        elif len(run.digits) == 8 and (language == "es" or lettered):
            yield Private("national_id", first, last + lettered)
        elif len(run.digits) == 7 and lettered and _is_letter(said, first - 1):
            yield Private("national_id", first - 1, last + 1)
        elif len(run.digits) == 6 and said[last + 1 : last + 2] in (["a"], ["b"], ["c"], ["d"]):
            letters = _two_letters(said, first)
            yield from [Private("national_id", first - letters, last + 1)] if letters else []


def _is_letter(said: Sequence[str], place: int) -> bool:
    """Whether a single letter is said there: `Z`, `zeta`."""
    return 0 <= place < len(said) and said[place] in LETTERS


def _two_letters(said: Sequence[str], end: int) -> int:
    """How many words the two letters before `end` take: one as in `QQ`, or two; 0 where there are none."""
    if end >= 1 and re.fullmatch(r"[a-z]{2}", said[end - 1]):
        return 1
    return 2 if end >= 2 and all(re.fullmatch(r"[a-z]", word) for word in said[end - 2 : end]) else 0


# Blanking out --------------------------------------------------------------------------------------


def _words(segment: Segment) -> Sequence[Word]:
    """The segment's words; without times of their own they have the segment's."""
    return segment.words or [Word(segment.start, segment.end, text, 1.0) for text in segment.text.split()]


def _blank(segment: Segment, kinds: Sequence[str | None]) -> Segment:
    """The segment with one mark for each row of private words."""
    if not any(kinds):
        return segment
    rows = [(kind, [word for word, _ in row]) for kind, row in groupby(zip(_words(segment), kinds, strict=True), _kind)]
    words = [shown for kind, row in rows for shown in ([_mark(kind, row)] if kind else row)]
    text = " ".join(word.text for word in words)
    return replace(segment, text=text, words=tuple(words) if segment.words else ())


def _kind(pair: tuple[Word, str | None]) -> str | None:
    return pair[1]


def _mark(kind: str, row: Sequence[Word]) -> Word:
    return Word(row[0].start, row[-1].end, MARKS[kind], 1.0)
