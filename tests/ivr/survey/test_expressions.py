"""Conditions: typed, three-valued, bounded."""

from contextlib import suppress
from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ivr.survey.expressions import ExpressionError, read_condition
from tests.fuzz import fuzzed

IDS = frozenset({"csat", "ease", "solved", "used", "order", "in_time", "call_me", "unhappy"})
ANSWERS = {
    "csat": 2,
    "ease": 5,
    "solved": "no",
    "used": ["app", "web"],
    "call_me.time": "morning",
    "unhappy": True,
    "context": {"group": "billing", "waited": "75", "vip": "a b"},
}


def value(text, **answers):
    return read_condition(text, IDS).value({**ANSWERS, **answers})


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("csat == 2", True),
        ("csat != 2", False),
        ("csat < 2", False),
        ("csat <= 2", True),
        ("csat > 1.5", True),
        ("2 >= csat", True),
        ("solved == no", True),
        ("solved == 'no'", True),
        ("solved != yes", True),
        ("solved in [yes, no]", True),
        ("solved not in [yes, no]", False),
        ("web in used", True),
        ("phone in used", False),
        ("phone not in used", True),
        ("count(used) >= 2", True),
        ("count(csat, ease, order) == 2", True),
        ("min(csat, ease) == 2", True),
        ("max(csat, ease) == 5", True),
        ("mean(csat, ease) == 3.5", True),
        ("mean(csat, order) == 2", True),
        ("context.group == billing", True),
        ("context.vip == 'a b'", True),
        ("context.waited > 60", True),
        ("context.group > 60", None),
        ("call_me.time == morning", True),
        ("unhappy", True),
        ("not unhappy", False),
        ("unhappy == false", False),
        ("csat <= 2 and solved == no or false", True),
        ("csat >= 3 and (solved == no or true)", False),
        ("not csat >= 3", True),
        ("answered(csat) and not answered(order)", True),
        ("answered(call_me.time)", True),
        ("answered(context.group)", True),
        ("answered(context.queue)", False),
        ("context.queue == x", None),
        ("csat == solved", None),
    ],
)
def test_what_a_condition_comes_to(text, meant):
    assert value(text) is meant


@pytest.mark.parametrize(
    "text", ["order == 1", "order != 1", "not order == 1", "order in [a]", "a in order", "min(order) <= 2"]
)
def test_a_missing_answer_makes_a_comparison_unknown(text):
    assert value(text) is None
    assert read_condition(text, IDS).holds(ANSWERS) is False


def kleene_and(a, b):
    return False if False in (a, b) else None if None in (a, b) else True


def kleene_or(a, b):
    return True if True in (a, b) else None if None in (a, b) else False


@pytest.mark.parametrize(("a", "b"), list(product([True, False, None], repeat=2)))
def test_and_or_not_are_those_of_kleene(a, b):
    env = {"context": {}} | {name: v for name, v in (("unhappy", a), ("in_time", b)) if v is not None}
    found = [read_condition(f"unhappy {op} in_time", IDS).value(env) for op in ("and", "or")]
    assert found == [kleene_and(a, b), kleene_or(a, b)]
    assert read_condition("not unhappy", IDS).value(env) is (None if a is None else not a)


@pytest.mark.parametrize(
    "word",
    ["class", "return", "lambda", "none", "is", "import", "order_2", "no", "orange", "android", "notes", "input"],
)
def test_words_of_programming_languages_are_codes_like_any_other(word):
    assert value(f"solved == {word}", solved=word) is True


def test_a_step_may_begin_with_a_word_of_the_language():
    assert value("in_time and order == 1", in_time=True, order=1) is True


@pytest.mark.parametrize(
    ("text", "column", "repair"),
    [
        ("csat = 2", 5, "write == to compare"),
        ("csat => 2", 5, "write >="),
        ("csat <> 2", 6, "write !="),
        ("csat === 2", 7, "write == to compare"),
        ("csat <= 2 && ease", 10, "write and"),
        ("csat <= 2 OR ease == 1", 10, "write or, in small letters"),
        ("!csat", 0, "write not"),
        ("1 <= csat <= 3", 10, "a comparison has two sides; join two of them with and"),
        ("csat <", 6, "write its rest, such as csat <= 2"),
        ("csat.x.y == 1", 6, None),
        ("open('x') == 1", 4, None),
        ("csat + 1 == 2", 5, None),
        ("csat == 'two", 8, None),
        ("[csat]", 0, None),
    ],
)
def test_a_condition_that_cannot_be_read_says_where_and_what_to_write(text, column, repair):
    with pytest.raises(ExpressionError) as caught:
        read_condition(text, IDS)
    assert caught.value.column == column
    assert repair is None or caught.value.repair == repair


@pytest.mark.parametrize("text", ["x" * 1001, "(unhappy or " * 90 + "unhappy" + ")" * 90, "not " * 30 + "unhappy"])
def test_size_and_depth_are_bounded(text):
    with pytest.raises(ExpressionError, match=r"over|under|flatter"):
        read_condition(text, IDS)


def test_the_names_of_a_condition():
    assert read_condition("csat <= 2 or call_me.time == morning and context.group == x", IDS).names == {
        "csat",
        "call_me",
    }


@fuzzed(2_000)
@given(st.text(max_size=60) | st.text(alphabet="csat solved=<>!()[],.'\"0123456789andornotin ", max_size=60))
def test_any_text_is_a_condition_or_says_why_not(text):
    with suppress(ExpressionError):
        read_condition(text, IDS).value(ANSWERS)
