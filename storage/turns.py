"""The turns of a call: found and written down at every key press, each exactly once.

A turn is written only where it is the one that is awaited; of two copies of a request one writes, and the other finds
the reply that was stored. On PostgreSQL a turn is one statement, and one round trip.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any, NamedTuple

import msgspec
from sqlalchemy.orm import Session

from storage.database import Database
from storage.lane import Driver, driver_of, read_moment


class OnLine(NamedTuple):
    """What the next turn needs to know of a call; `turn` is the one that is awaited."""

    call_sid: str
    version: str
    turn: int
    is_over: bool
    reply: str
    state: str
    heard_at: datetime


@dataclass(frozen=True, slots=True)
class Entry:
    """One turn for the books.

    Attributes:
        turn: the turn that is answered; 0 is the request that begins the call.
        columns: what changes in the call's row; for the beginning, all of it.
        answers: columns of `answers` but the call's, each row over an earlier one at its step.
        events: what happened, in order; anything that msgspec writes as an object.
    """

    call_sid: str
    turn: int
    at: datetime
    columns: Mapping[str, Any]
    answers: Sequence[Mapping[str, Any]]
    events: Sequence[Any]


def find(database: Database, call_sid: str) -> OnLine | None:
    row = database.lane.first(FIND, {"call_sid": call_sid})
    if row is None:
        return None
    sid, version, turn, is_over, reply, state, heard_at = row
    return OnLine(sid, version, turn, bool(is_over), reply, state, read_moment(heard_at))


def write(database: Database, entry: Entry, also: Callable[[Session], None] | None = None) -> bool:
    """Write a turn, and what `also` writes, in one transaction.

    False, and nothing is written, where the turn is not awaited (any more): taken already, or the call is over.
    """
    if also is None:
        with database.lane.writing() as driver:
            return _write(driver, entry)
    with database.transaction() as db:
        return write_within(db, entry, also)


def write_within(db: Session, entry: Entry, also: Callable[[Session], None] | None = None) -> bool:
    """The same within a transaction."""
    is_ours = _write(driver_of(db), entry)
    if is_ours and also:
        also(db)
    return is_ours


def concerns_others(database: Database, call_sid: str) -> bool:
    """Whether the call has verbatims, or led to a case."""
    row = database.lane.first(CONCERNS, {"call_sid": call_sid})
    return bool(row and row[0])


# The statements -------------------------------------------------------------------------------------

FIND = """SELECT call_sid, version, turn, ended_at IS NOT NULL, reply, state, heard_at
FROM calls WHERE call_sid = :call_sid"""
CONCERNS = """SELECT EXISTS (SELECT 1 FROM verbatims WHERE call_sid = :call_sid)
OR EXISTS (SELECT 1 FROM case_triggers WHERE call_sid = :call_sid)"""

BEGIN = "INSERT INTO calls ({names}) VALUES ({values}) ON CONFLICT DO NOTHING"
TAKE = "UPDATE calls SET {changes} WHERE call_sid = :call_sid AND turn = :answered_turn AND ended_at IS NULL"
JSON = {"context", "data_problems", "scores"}

ANSWERS = """INSERT INTO answers (call_sid, step, value, label, keys, input, missing, at)
VALUES (:call_sid, :step, :value, :label, :keys, :input, :missing, :at)
ON CONFLICT (call_sid, step) DO UPDATE SET value = excluded.value, label = excluded.label, keys = excluded.keys,
input = excluded.input, missing = excluded.missing, at = excluded.at"""
EVENTS = "INSERT INTO call_events (call_sid, turn, at, type, data) VALUES (:call_sid, :turn, :at, :type, :data)"

# The same for PostgreSQL, in one statement.
AT_ONCE = """WITH ours AS ({first} RETURNING call_sid),
answered AS (
  INSERT INTO answers (call_sid, step, value, label, keys, input, missing, at)
  SELECT call_sid, one.step, one.value, one.label, one.keys, one.input, one.missing, one.at
  FROM ours, json_to_recordset(CAST(:answers AS json))
    AS one(step text, value json, label text, keys text, input text, missing text, at timestamptz)
  ON CONFLICT (call_sid, step) DO UPDATE SET value = excluded.value, label = excluded.label, keys = excluded.keys,
  input = excluded.input, missing = excluded.missing, at = excluded.at),
happened AS (
  INSERT INTO call_events (call_sid, turn, at, type, data)
  SELECT call_sid, :answered_turn, :at, one.type, one.data
  FROM ours, json_to_recordset(CAST(:events AS json)) AS one(type text, data json))
SELECT call_sid FROM ours"""


def _write(driver: Driver, entry: Entry) -> bool:
    return _write_in_steps(driver, entry) if driver.sqlite else _write_at_once(driver, entry)


def _write_in_steps(driver: Driver, entry: Entry) -> bool:
    if not driver.run(_first(entry.turn == 0, *entry.columns, sqlite=True), _values(driver, entry)):
        return False
    if entry.answers:
        rows = [{**row, "call_sid": entry.call_sid, **_kept(driver, row)} for row in entry.answers]
        driver.run_for(ANSWERS, rows)
    if entry.events:
        common = {"call_sid": entry.call_sid, "turn": entry.turn, "at": driver.moment(entry.at)}
        driver.run_for(EVENTS, [{**common, "type": type(each).__name__, "data": _json(each)} for each in entry.events])
    return True


def _write_at_once(driver: Driver, entry: Entry) -> bool:
    values = {
        **_values(driver, entry),
        "at": entry.at,
        "answers": _json(entry.answers),
        "events": _json([{"type": type(each).__name__, "data": each} for each in entry.events]),
    }
    return driver.first(_first(entry.turn == 0, *entry.columns, sqlite=False), values) is not None


@cache
def _first(begins: bool, *columns: str, sqlite: bool) -> str:
    """The statement that finds out whether the turn is ours, for these columns."""
    given = [f"CAST(:{name} AS json)" if name in JSON and not sqlite else f":{name}" for name in columns]
    if begins:
        names, values = ("call_sid", *columns), (":call_sid", *given)
        first = BEGIN.format(names=", ".join(names), values=", ".join(values))
    else:
        first = TAKE.format(changes=", ".join(f"{name} = {value}" for name, value in zip(columns, given, strict=True)))
    return first if sqlite else AT_ONCE.format(first=first)


def _values(driver: Driver, entry: Entry) -> dict[str, Any]:
    values = {
        name: _json(value) if name in JSON else driver.moment(value) if name.endswith("_at") else value
        for name, value in entry.columns.items()
    }
    return {**values, "call_sid": entry.call_sid, "answered_turn": entry.turn}


def _kept(driver: Driver, row: Mapping[str, Any]) -> dict[str, Any]:
    value = row["value"]
    return {"value": None if value is None else _json(value), "at": driver.moment(row["at"])}


def _json(value: Any) -> str:
    return msgspec.json.encode(value).decode()
