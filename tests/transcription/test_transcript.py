"""A transcript says how sure it is, and keeps every word."""

import pytest

from transcription.transcript import Segment, Transcript, Word, as_rows, whole_words


def passage(text="I waited too long.", avg_logprob=-0.3, no_speech_prob=0.02, compression_ratio=0.9, words=()):
    return Segment(0.0, 2.5, text, avg_logprob, no_speech_prob, compression_ratio, words)


def test_the_text_is_the_passages_one_after_the_other():
    assert Transcript("en", (passage("I waited."), passage(""), passage("Too long."))).text == "I waited. Too long."


def test_nobody_spoke():
    assert Transcript("en", ()).text == ""


def test_a_clear_passage_is_not_doubtful():
    assert not passage().doubtful


@pytest.mark.parametrize("trait", [{"avg_logprob": -1.2}, {"no_speech_prob": 0.7}, {"compression_ratio": 2.6}])
def test_a_passage_that_may_be_made_up_is_doubtful_and_stays(trait):
    unsure = passage("Thank you for watching.", **trait)
    assert unsure.doubtful
    assert Transcript("en", (unsure,)).text == "Thank you for watching."


def test_what_the_recogniser_cuts_at_punctuation_is_one_word():
    pieces = [" to", " nora", "@example", ".com", " 12", ",345", ".67"]
    words = whole_words(Word(float(i), i + 1.0, piece, 0.9) for i, piece in enumerate(pieces))
    assert [word.text for word in words] == ["to", "nora@example.com", "12,345.67"]
    assert (words[1].start, words[1].end) == (1.0, 4.0)


def test_rows_carry_times_confidence_and_words():
    [row] = as_rows(Transcript("en", (passage(words=(Word(0.0, 0.4, "I", 0.98),)),)))
    assert row == {
        "start": 0.0,
        "end": 2.5,
        "text": "I waited too long.",
        "avg_logprob": -0.3,
        "no_speech_prob": 0.02,
        "compression_ratio": 0.9,
        "words": ({"start": 0.0, "end": 0.4, "text": "I", "probability": 0.98},),
        "doubtful": False,
    }
