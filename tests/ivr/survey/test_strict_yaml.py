"""YAML is read as it was written, and whatever is written is answered with diagnostics."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ivr.survey.diagnostics import Place
from ivr.survey.reader import read_survey
from ivr.survey.strict_yaml import read_document
from tests.fuzz import fuzzed

FLOWS = Path(__file__).parents[3] / "flows"
TEXTS = [(FLOWS / name).read_text(encoding="utf-8") for name in ("after-call.yaml", "effort.yaml")]


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("no", "no"),
        ("yes", "yes"),
        ("on", "on"),
        ("null", "null"),
        ("~", "~"),
        ("True", "True"),
        ("true", True),
        ("false", False),
        ("21:00", "21:00"),
        ("0101", "0101"),
        ("+12025550111", "+12025550111"),
        ("1_000", "1_000"),
        ("0x1F", "0x1F"),
        ("1e5", "1e5"),
        (".5", ".5"),
        ("2026-01-31", "2026-01-31"),
        ("12", 12),
        ("-3", -3),
        ("0", 0),
        ("2.50", 2.5),
        ('"12"', "12"),
        ("'true'", "true"),
        ("9" * 20, "9" * 20),
    ],
)
def test_what_is_written_is_what_is_taken(written, meant):
    value = read_document(f"value: {written}").data["value"]
    assert (value, type(value)) == (meant, type(meant))


def test_keys_are_text():
    assert read_document("{1: a, no: b, 01: c}").data == {"1": "a", "no": "b", "01": "c"}


def test_every_value_knows_its_place():
    document = read_document("a: 1\nb:\n  - {c: é, d: x}\n")
    assert document.at(("b", 0, "d")) == Place(3, 15)
    assert document.key_at(("b", 0, "d")) == Place(3, 12)
    assert document.at(("b", 0, "missing")) == Place(3, 5)


def test_all_problems_are_told_at_once():
    document = read_document("a: &x 1\nb: *x\na: 2\nc:\nd: !!str 3\n")
    assert [(problem.code, problem.place.line) for problem in document.problems] == [
        ("E003", 1),
        ("E003", 2),
        ("E002", 3),
        ("E004", 4),
        ("E003", 5),
    ]


def test_nearly_a_megabyte_is_read_and_more_is_not():
    text = "a: [" + "x, " * 300_000
    assert read_document(text).data is None
    assert [problem.code for problem in read_document("a: b\n" + text + text).problems] == ["E005"]


def test_twenty_levels_are_read_and_no_more():
    assert read_document("[" * 20 + "x" + "]" * 20).problems == ()
    assert [problem.code for problem in read_document("[" * 21).problems] == ["E005"]


def test_many_aliases_do_not_blow_up():
    bomb = "a: &a [x, x]\n" + "".join(f"b{n}: &b{n} [*a, *a, *a]\n" for n in range(100))
    assert {problem.code for problem in read_document(bomb).problems} == {"E003"}


def told(text: str, advice: bool = False) -> None:
    survey, problems = read_survey(text, advice=advice)
    assert survey is not None or problems
    for problem in problems:
        assert problem.place.line >= 1
        assert problem.place.column >= 1
        assert problem.message
        assert problem.repair


@fuzzed(3_500)
@given(st.text())
def test_any_text_is_a_survey_or_says_why_not(text):
    told(text)


@fuzzed(2_500)
@given(st.text(alphabet="abc:-{}[]'\"#&*!|>%@, \n\t\\?0123"))
def test_any_punctuation_is_a_survey_or_says_why_not(text):
    told(text)


@fuzzed(2_500)
@given(st.data())
def test_a_survey_with_a_piece_replaced_is_a_survey_or_says_why_not(data):
    text = data.draw(st.sampled_from(TEXTS))
    start = data.draw(st.integers(0, len(text)))
    end = min(len(text), start + data.draw(st.integers(0, 40)))
    piece = data.draw(
        st.text(max_size=10) | st.sampled_from([" ", "\n", "[", "{", "- ", ": ", "no", "0", "csat", "&a", "*a"])
    )
    told(text[:start] + piece + text[end:])


@fuzzed(1_500)
@given(st.data())
def test_a_survey_with_lines_moved_is_a_survey_or_says_why_not(data):
    lines = data.draw(st.sampled_from(TEXTS)).split("\n")
    for _ in range(data.draw(st.integers(1, 4))):
        line = lines.pop(data.draw(st.integers(0, len(lines) - 1)))
        if data.draw(st.booleans()):
            lines.insert(data.draw(st.integers(0, len(lines))), line)
    told("\n".join(lines), advice=True)
