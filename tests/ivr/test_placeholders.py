"""What a prompt leaves open, and how it is filled."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ivr.placeholders import Placeholder, fill, read_text


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("{name}", Placeholder("name")),
        ("{ name }", Placeholder("name")),
        ("{name | 'our agent'}", Placeholder("name", "our agent")),
        ('{name|"the agent\'s"}', Placeholder("name", "the agent's")),
        ("{day | as: date}", Placeholder("day", None, "date")),
        ("{day as date | 'soon'}", Placeholder("day", "soon", "date")),
        ("{day | 'soon' | as: date}", Placeholder("day", "soon", "date")),
        ("{context.segment | ''}", Placeholder("context.segment", "")),
        ("{call_me.time}", Placeholder("call_me.time")),
    ],
)
def test_a_placeholder_is_read_in_any_order(written, meant):
    assert read_text(f"Hello {written}.") == ("Hello ", meant, ".")


@pytest.mark.parametrize("written", ["{}", "{ }", "{1st}", "{name", "name}", "{name | our agent}", "{name; x}"])
def test_a_brace_that_belongs_to_no_placeholder_stays(written):
    assert read_text(written) == (written,)


@pytest.mark.parametrize(
    ("value", "spoken_as", "said"),
    [
        ("AB-12", "digits", "A B 1 2"),
        ("2026-01-31", "date", "January 31, 2026"),
        ("next week", "date", "next week"),
        ("IÑES", "name", "Iñes"),
        ("0042", "number", "42"),
        ("4.5", "number", "4.5"),
        ("two\n lines", "name", "Two Lines"),
    ],
)
def test_a_value_is_spoken_as_the_prompt_says(value, spoken_as, said):
    assert fill(f"{{x | as: {spoken_as}}}", {"x": value}.get, "en") == said


def test_a_date_is_said_in_the_callers_language_or_left_as_it_is():
    assert [fill("{x | as: date}", {"x": "2026-03-01"}.get, language) for language in ("es", "en-GB", "de")] == [
        "1 de marzo de 2026",
        "March 1, 2026",
        "2026-03-01",
    ]


@given(text=st.text(max_size=200), value=st.text(max_size=100))
def test_any_text_can_be_filled_with_any_value(text, value):
    assert isinstance(fill(text, lambda _: value, "en"), str)
