"""What a machine understood of a recording: text, times, and how sure it was."""

from collections.abc import Iterable
from dataclasses import asdict, dataclass, replace
from typing import Any

# The recogniser's own limits for a passage that it would rather not have written (OpenAI, whisper/transcribe.py).
UNLIKELY = -1.0
REPETITIVE = 2.4
PROBABLY_SILENCE = 0.6


@dataclass(frozen=True, slots=True)
class Word:
    """One word with its place in the recording, in seconds, and how likely it is, from 0 to 1."""

    start: float
    end: float
    text: str
    probability: float


@dataclass(frozen=True, slots=True)
class Segment:
    """A passage of a few seconds, from second `start` to second `end`.

    `avg_logprob` is 0 where the recogniser was certain, `no_speech_prob` from 0 to 1, `compression_ratio` high
    where it repeats itself. `words` is empty where the recogniser gave no times of words.
    """

    start: float
    end: float
    text: str
    avg_logprob: float
    no_speech_prob: float
    compression_ratio: float
    words: tuple[Word, ...] = ()

    @property
    def doubtful(self) -> bool:
        """Whether a reader should be warned; the words stay, since the caller may have said them.

        >>> Segment(0, 2, "Thank you.", avg_logprob=-0.2, no_speech_prob=0.8, compression_ratio=0.7).doubtful
        True
        """
        return (
            self.avg_logprob < UNLIKELY or self.compression_ratio > REPETITIVE or self.no_speech_prob > PROBABLY_SILENCE
        )


@dataclass(frozen=True, slots=True)
class Transcript:
    """All that was understood, in `language`; no segments: nobody spoke, or nothing was understood."""

    language: str
    segments: tuple[Segment, ...]

    @property
    def text(self) -> str:
        return " ".join(segment.text for segment in self.segments if segment.text)


def whole_words(pieces: Iterable[Word]) -> tuple[Word, ...]:
    """The recogniser's pieces as words: `nora`, `@example` and `.com` are one. A piece that begins a word has a space.

    >>> [word.text for word in whole_words([Word(0, 1, " is", 0.9), Word(1, 2, " 4111", 0.9), Word(2, 3, "-1", 0.8)])]
    ['is', '4111-1']
    """
    words: list[Word] = []
    for piece in pieces:
        if words and not piece.text.startswith(" "):
            begun = words.pop()
            text, probability = begun.text + piece.text.rstrip(), min(begun.probability, piece.probability)
            words.append(Word(begun.start, piece.end, text, probability))
        else:
            words.append(replace(piece, text=piece.text.strip()))
    return tuple(words)


def from_second(transcript: Transcript, start_s: float) -> Transcript:
    """The same with times counted from that second of the recording on, and none before it."""

    def moved(moment: float) -> float:
        return round(max(0.0, moment - start_s), 2)

    def moved_segment(segment: Segment) -> Segment:
        words = tuple(replace(word, start=moved(word.start), end=moved(word.end)) for word in segment.words)
        return replace(segment, start=moved(segment.start), end=moved(segment.end), words=words)

    return replace(transcript, segments=tuple(map(moved_segment, transcript.segments)))


def as_rows(transcript: Transcript) -> list[dict[str, Any]]:
    """The segments as they are stored and as the API gives them."""
    return [asdict(segment) | {"doubtful": segment.doubtful} for segment in transcript.segments]
