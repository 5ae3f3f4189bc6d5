"""What is private is blanked out of the words, and it is known where it sounds; everything else stays."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from transcription.redact import MARGIN_S, MARKS, redact
from transcription.transcript import Segment, Transcript, Word

ALL = tuple(MARKS)


def spoken(text: str, language: str = "en", timed: bool = True) -> Transcript:
    """A transcript of one passage; each word lasts a second, the first begins at 0."""
    words = tuple(Word(float(i), i + 1.0, word, 0.9) for i, word in enumerate(text.split()))
    return Transcript(language, (Segment(0.0, float(len(words)), text, -0.2, 0.0, 1.0, words if timed else ()),))


def shown(text: str, *kinds: str, language: str = "en") -> str:
    return redact(spoken(text, language), kinds or ALL).transcript.text


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("my card is 4111 1111 1111 1111 thanks", "my card is [card] thanks"),
        ("my card is 4111111111111111.", "my card is [card]"),
        ("card 4111-1111-1111-1111, expiring soon", "card [card] expiring soon"),
        ("it is four one one one, one one one one, one one one one, one one one one ok", "it is [card] ok"),
        ("it's forty one eleven eleven eleven, eleven eleven eleven eleven ok", "it's [card] ok"),
        ("quadruple no, four triple one, double one double one uh 1111 1111 ok", "quadruple no, [card] ok"),
        ("amex 3782 822463 10005 ok", "amex [card] ok"),
        ("the number 5 4 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 is odd", "the number [card] is odd"),
        ("it is 4111 and 1111 and then 1111, um, 1111 ok", "it is [card] ok"),
        ("four one one one, one one one one, sorry, one one one one, okay one one one one ok", "[card] ok"),
        ("four one double one treble one one eleven eleven eleven eleven one ok", "[card] ok"),
    ],
)
def test_cards_are_known_by_their_check_digit(text, expected):
    assert shown(text, "card") == expected


@pytest.mark.parametrize(
    "text",
    [
        "my card is 4111 1111 1111 1112 thanks",  # the check fails
        "I called 12 times in 2024 and waited 45 minutes",
        "one of them told me one thing, two others another",
    ],
)
def test_other_numbers_are_no_cards(text):
    assert shown(text, "card") == text


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("mi tarjeta es cuatro uno uno uno, doble uno doble uno, 1111 1111 gracias", "mi tarjeta es [card] gracias"),
        ("es cuarenta y uno once once once once once once once vale", "es [card] vale"),
        ("mi DNI es 12345678Z señor", "mi DNI es [national id] señor"),
        ("uno dos tres cuatro cinco seis siete ocho zeta gracias", "[national id] gracias"),
        ("mi NIE es X1234567L gracias", "mi NIE es [national id] gracias"),
        ("llámeme al 612 34 56 78 por favor", "llámeme al [phone] por favor"),
        ("llámeme al seis doce treinta y cuatro cincuenta y seis setenta y ocho hoy", "llámeme al [phone] hoy"),
        ("escriba a nora arroba ejemplo punto es mañana", "escriba a [e-mail] mañana"),
        (
            "llámeme al seiscientos doce, treinta y cuatro, cincuenta y seis, setenta y ocho hoy",
            "llámeme al [phone] hoy",
        ),
        ("mi DNI es 12.345.678-Z señor", "mi DNI es [national id] señor"),
        ("a nora guion bajo lind dos arroba correo guion mío punto es", "a [e-mail]"),
        ("dieciséis veintidós, y treinta y uno son", "[digits] son"),
    ],
)
def test_spanish_is_understood(text, expected):
    assert shown(text, language="es") == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("my social is 123-45-6789 ok", "my social is [national id] ok"),
        ("my social is one two three, four five, six seven eight nine ok", "my social is [national id] ok"),
        ("insurance number AB123456C ok", "insurance number [national id] ok"),
        ("call +1 202 555 0199 please", "call [phone] please"),
        ("call (202) 555-0199, please", "call [phone] please"),
        ("call two oh two five five five oh one double nine please", "call [phone] please"),
        ("write to nora@example.com, please", "write to [e-mail] please"),
        ("write to nora dot lind at mail dot example dot com please", "write to [e-mail] please"),
        ("write to nora.lind at gmail.com please", "write to [e-mail] please"),
        ("write to n o r a at gmail dot com please", "write [e-mail] please"),
        ("mail me at nora lind at gmail dot com please", "mail me at [e-mail] please"),
        ("it is j smith 42 at hotmail dot co dot uk", "it is [e-mail]"),
        ("write to nora one two at gmail dot com please", "write to [e-mail] please"),
        ("insurance number QQ 12 34 56 C ok", "insurance number [national id] ok"),
        ("call one eight hundred five five five oh one two three please", "call [phone] please"),
        ("my pin is one two three four ok", "my pin is [digits] ok"),
        ("order 88213001 is late", "order [phone] is late"),
    ],
)
def test_english_is_understood(text, expected):
    assert shown(text) == expected


def test_only_what_the_survey_names_is_blanked_out():
    text = "card 4111 1111 1111 1111 and phone 202 555 0199"
    assert shown(text, "phone") == "card 4111 1111 1111 1111 and phone [phone]"
    assert redact(spoken(text), ()).transcript == spoken(text)


@pytest.mark.parametrize(
    "text",
    [
        "I waited at the counter, at noon, for 20 minutes. Dot com prices!",
        "two agents told me three different things on the 21st of November 2026",
        "I pay 1500 dollars a year since 2019",
        "no one once said oh sorry",
        "I gave 5 stars, 10 out of 10, in 2019 and 2020",
        "you charged 1,234,567.89 or 12,345.67 dollars and not between 1500 and 2000",
        "I paid 250000 pesos and 49.99 more on 21/11/2026, or 2026-11-21, or 11/21/26",
        "I bought it at amazon.com and at shop dot com",
    ],
)
def test_ordinary_words_stay(text):
    assert shown(text) == text


def test_where_it_sounds_is_known_with_a_margin():
    [(start, end)] = redact(spoken("my card is 4111 1111 1111 1111 thanks"), ["card"]).spans
    assert (start, end) == (3 - MARGIN_S, 7 + MARGIN_S)


def test_the_words_of_the_player_are_blanked_out_too():
    [segment] = redact(spoken("my card is 4111 1111 1111 1111 thanks"), ["card"]).transcript.segments
    assert [(word.text, word.start, word.end) for word in segment.words][3:] == [("[card]", 3, 7), ("thanks", 7, 8)]


def test_without_times_of_words_the_passage_is_where_it_sounds():
    redacted = redact(spoken("my card is 4111 1111 1111 1111 thanks", timed=False), ["card"])
    assert redacted.transcript.text == "my card is [card] thanks"
    assert redacted.spans == ((-MARGIN_S, 8 + MARGIN_S),)
    assert redacted.transcript.segments[0].words == ()


def test_a_number_said_over_two_passages_is_found():
    first, second = spoken("it is 4111 1111").segments[0], spoken("1111 1111 thanks").segments[0]
    redacted = redact(Transcript("en", (first, second)), ["card"])
    assert redacted.transcript.text == "it is [card] [card] thanks"


WORDS = ["4", "1111", "one", "double", "uh", "and", ".", "[]", "twenty", "x@y.z", "at", "dot", "88", "oh", "z"]


@given(st.lists(st.sampled_from(WORDS), max_size=40))
def test_no_words_upset_it_and_none_are_invented(words):
    redacted = redact(spoken(" ".join(words)), ALL).transcript
    kept = [word for segment in redacted.segments for word in (segment.words or ())]
    assert {word.text for word in kept} <= {*words, *MARKS.values()}
    assert [word.start for word in kept] == sorted(word.start for word in kept)


@given(st.text(max_size=60))
def test_any_text_may_come(text):
    redact(spoken(text), ALL)


@given(st.lists(st.integers(0, 9), min_size=12, max_size=18), st.sampled_from([1, 2, 4]))
def test_every_number_that_passes_the_check_is_blanked_out(digits, group):
    number = "4" + "".join(map(str, digits))
    body = [int(digit) * (2 - i % 2) for i, digit in enumerate(reversed(number))]
    number += str(-sum(value // 10 + value % 10 for value in body) % 10)
    groups = " ".join(number[i : i + group] for i in range(0, len(number), group))
    if len(number) <= 19:
        assert shown(f"card {groups} please", "card") == "card [card] please"
