"""Blocks, and the order of their questions."""

from itertools import pairwise

from ivr.call import OrderDrawn, QuestionAsked
from tests.ivr.line import CSAT, SOLVED, Line, ring


def block(order: str, more: str = "") -> tuple[str, str]:
    inner = ", ".join(f"{{id: {each}, type: yes_no, ask: 'Was it {each}?'}}" for each in "abc")
    return f"- {{id: details, type: block, order: {order}, {more} steps: [{inner}]}}", SOLVED


def asked(line: Line) -> list[str]:
    while not line.is_over:
        line.presses("1")
    return [event.step for event in line.happened if isinstance(event, QuestionAsked)]


def test_a_fixed_block_is_asked_as_written():
    assert asked(ring(*block("fixed"))) == ["a", "b", "c", "solved"]


def test_the_drawn_order_is_an_event_and_the_same_for_the_same_seed():
    lines = [ring(*block("shuffle"), seed=seed) for seed in (1, 1, 2, 3, 4, 5)]
    drawn = [line.happened[0] for line in lines]
    assert drawn[0] == drawn[1]
    assert len(set(drawn)) > 1
    for line, event in zip(lines, drawn, strict=True):
        assert isinstance(event, OrderDrawn)
        assert asked(line) == [*event.order, "solved"]


def test_two_of_three_are_asked_and_the_third_was_not():
    line = ring(*block("shuffle", "ask: 2 of 3,"))
    assert len(asked(line)) == 3
    assert list(line.missing.values()) == ["not_asked"]


def test_a_rotated_block_begins_anywhere_and_keeps_its_order():
    seen = {tuple(asked(ring(*block("rotate"), seed=seed)))[:3] for seed in range(40)}
    assert seen == {("a", "b", "c"), ("b", "c", "a"), ("c", "a", "b")}


def test_a_balanced_block_gives_each_place_to_each_question_equally_often():
    orders = [asked(ring(*block("balanced"), balance={"details": calls}))[:3] for calls in range(6)]
    for place in range(3):
        assert sorted(order[place] for order in orders) == list("aabbcc")
    followed = [pair for order in orders for pair in pairwise(order)]
    assert {followed.count(pair) for pair in followed} == {2}


def test_a_block_is_left_out_whole_by_its_condition():
    first, last = block("shuffle", "only_if: csat <= 2,")
    assert asked(ring(CSAT, first, last).presses("5")) == ["csat", "solved"]


def test_a_block_jumps_after_its_last_question():
    first, last = block("fixed", "jump: [{when: a == yes, to: thanks}],")
    line = ring(first, last, "- {id: thanks, type: end, say: 'Thanks.'}")
    assert asked(line) == ["a", "b", "c"]
    line.hears("Thanks.")
