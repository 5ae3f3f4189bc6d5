"""Balanced blocks on the line: the books count the calls of each."""

from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import insert, select

from ivr.books import Books, Opening
from ivr.call import HungUp
from ivr.survey.publish import Surveys
from storage.database import Database
from storage.models import BalancedBlock, Caller, CallEvent

SURVEY = """
ivr_survey: 1
id: skills
languages: [en]
steps:
  - {id: hello, type: consent, ask: "To go on, press 1. To decline, press 2."}
  - id: skills
    type: block
    order: balanced
    steps:
      - {id: a, type: yes_no, ask: "Was it quick? Yes, press 1. No, press 2."}
      - {id: b, type: yes_no, ask: "Was it clear? Yes, press 1. No, press 2."}
      - {id: c, type: yes_no, ask: "Was it kind? Yes, press 1. No, press 2."}
"""


@pytest.fixture
def books(database: Database, tmp_path: Path) -> Books:
    (tmp_path / "skills.yaml").write_text(SURVEY)
    surveys = Surveys(tmp_path, database, lambda: datetime.now(UTC))
    nobody: Callable[[], object] = lambda: pytest.fail("no alert may be raised")  # noqa: E731  a team that is not asked for
    return Books(database, surveys, nobody, lambda _sid, _turn: "<Response/>", lambda: 1, lambda: datetime.now(UTC))


def begin(books: Books, number: int, caller: str | None = None) -> None:
    published = books.surveys.current("skills")
    assert published is not None
    books.begin(Opening(f"CA{number:032}", "AC1", "inbound", caller, None, {}, ()), published)


def orders(books: Books) -> list[tuple[str, ...]]:
    with books.database.reading() as db:
        drawn = db.execute(select(CallEvent.data).where(CallEvent.type == "OrderDrawn").order_by(CallEvent.id))
        return [tuple(data["order"]) for data in drawn.scalars()]


def test_calls_one_after_the_other_take_each_order_in_turn(books: Books) -> None:
    for number in range(12):
        begin(books, number)
    assert orders(books)[:6] == orders(books)[6:]
    assert set(Counter(orders(books)).values()) == {2}


def test_calls_that_begin_at_the_same_moment_take_different_orders(books: Books) -> None:
    with ThreadPoolExecutor(6) as callers:
        list(callers.map(lambda number: begin(books, number), range(24)))
    assert len(set(orders(books))) == 6
    assert set(Counter(orders(books)).values()) == {4}


def test_a_call_that_begins_twice_is_counted_once(books: Books) -> None:
    for number in (0, 0, 1, 1, 2, 2):
        begin(books, number)
    assert len(set(orders(books))) == 3


def test_copies_of_a_request_at_the_same_moment_take_one_place(books: Books) -> None:
    with ThreadPoolExecutor(6) as carrier:
        list(carrier.map(lambda number: begin(books, number // 6), range(36)))
    assert len(set(orders(books))) == len(orders(books)) == 6


def test_a_call_that_cannot_be_written_down_takes_no_place(books: Books) -> None:
    fails = replace(books, render=lambda _sid, _turn: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        begin(fails, 0)
    with books.database.reading() as db:
        assert db.scalars(select(BalancedBlock)).all() == []


def test_a_caller_who_hears_no_question_takes_no_place(books: Books) -> None:
    with books.database.transaction() as db:
        db.execute(insert(Caller).values(number="+12025550199", opted_out_at=datetime.now(UTC)))
    begin(books, 0, caller="+12025550199")
    for number in range(1, 7):
        begin(books, number)
        books.hang_up(f"CA{number:032}", HungUp())
    assert len(set(orders(books))) == 6
