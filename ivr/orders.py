"""Which steps apply, and in which order: that of a block is drawn once for each call, the same for the same seed."""

from collections.abc import Mapping, Sequence
from random import Random

from ivr.call import CallState, OrderDrawn
from ivr.steps.block import Block
from ivr.survey.shapes import Survey
from ivr.survey.tree import Environment


def draw(survey: Survey, seed: int, balance: Mapping[str, int]) -> tuple[tuple[str, ...], tuple[OrderDrawn, ...]]:
    """The ids of all steps in the order of this call, and what was drawn; no order where there is no block.

    A block's own id stands after its steps. `balance` says for each balanced block how many calls were begun with it
    before this one; without that, its place in the turn is drawn.
    """
    order: list[str] = []
    drawn: list[OrderDrawn] = []
    for step in survey.steps:
        if isinstance(step, Block):
            drawn.append(OrderDrawn(step.id, _of_block(step, seed, balance.get(step.id))))
            order += drawn[-1].order
        order.append(step.id)
    return (tuple(order) if drawn else ()), tuple(drawn)


def order_of(survey: Survey, state: CallState) -> tuple[str, ...]:
    """The ids of the steps in the order of this call."""
    return state.order or tuple(step.id for step in survey.steps)


def applies(survey: Survey, step_id: str, env: Environment) -> bool:
    """Whether a step's condition holds, and that of the block it stands in."""
    around = survey.block_of.get(step_id)
    conditions = [step.only_if for step in (around, survey.step(step_id)) if step and step.only_if]
    return all(survey.condition(condition).holds(env) for condition in conditions)


def balanced_blocks(survey: Survey) -> tuple[str, ...]:
    """The blocks whose calls must be counted."""
    return tuple(step.id for step in survey.steps if isinstance(step, Block) and step.order == "balanced")


def _of_block(block: Block, seed: int, calls_before: int | None) -> tuple[str, ...]:
    ids = [step.id for step in block.steps]
    random = Random(f"{seed} {block.id}")  # noqa: S311  nobody gains by guessing the order of questions
    asked = block.ask.asked if block.ask else len(ids)
    match block.order:
        case "shuffle":
            return tuple(random.sample(ids, asked))
        case "rotate":
            start = random.randrange(len(ids))
            return tuple((ids[start:] + ids[:start])[:asked])
        case "balanced":
            rows = williams(len(ids))
            row = rows[(calls_before if calls_before is not None else random.randrange(len(rows))) % len(rows)]
            return tuple(ids[place] for place in row[:asked])
    chosen = set(random.sample(ids, asked))
    return tuple(step for step in ids if step in chosen)


def williams(size: int) -> Sequence[Sequence[int]]:
    """Orders in which each thing has each place, and follows each other thing, equally often.

    Source: Williams, "Experimental Designs Balanced for the Estimation of Residual Effects of Treatments",
    Australian Journal of Scientific Research A 2 (1949).

    >>> williams(4)
    [[0, 3, 1, 2], [1, 0, 2, 3], [2, 1, 3, 0], [3, 2, 0, 1]]
    """
    zigzag = [place // 2 if place % 2 == 0 else size - 1 - place // 2 for place in range(size)]
    rows = [[(place + shift) % size for place in zigzag] for shift in range(size)]
    return rows if size % 2 == 0 else rows + [row[::-1] for row in rows]
