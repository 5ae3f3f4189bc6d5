"""A lane for the few statements on the path of every key press: plain SQL, straight to the driver.

A session costs more than all the rest of a turn does. Parameters are named, `:so`, on both databases.
"""

import re
from collections import deque
from collections.abc import Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from datetime import UTC, datetime
from functools import cache
from typing import Any

from sqlalchemy import Engine
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.orm import Session

LOCKED = "55P03"  # of PostgreSQL: others hold the row, and who asks again only waits again
PARAMETER = re.compile(r"(?<!:):([a-z_]+)")


class Driver:
    """One connection of the driver, in or out of a transaction."""

    def __init__(self, connection: DBAPIConnection, *, sqlite: bool) -> None:
        self.connection = connection
        self.sqlite = sqlite
        self._cursor = connection.cursor()

    def first(self, sql: str, values: Mapping[str, Any]) -> Sequence[Any] | None:
        """The first row found."""
        self._cursor.execute(_spelled(sql, self.sqlite), values)
        rows = self._cursor.fetchall()  # to the end: a read that is left half-way holds up SQLite's checkpoints
        return rows[0] if rows else None

    def run(self, sql: str, values: Mapping[str, Any]) -> int:
        """How many rows were touched."""
        self._cursor.execute(_spelled(sql, self.sqlite), values)
        return self._cursor.rowcount

    def run_for(self, sql: str, rows: Sequence[Mapping[str, Any]]) -> None:
        """Run a statement once for each row."""
        self._cursor.executemany(_spelled(sql, self.sqlite), rows)

    def moment(self, at: datetime | None) -> Any:
        """A moment as a parameter; SQLite keeps it as text, without a zone."""
        return at.astimezone(UTC).replace(tzinfo=None).isoformat(" ", "microseconds") if at and self.sqlite else at


class Lane:
    """Connections of its own, taken and put back at next to no cost; `line_up` keeps SQLite's writers in a queue."""

    def __init__(self, engine: Engine, line_up: AbstractContextManager[object]) -> None:
        self._engine = engine
        self._sqlite = engine.dialect.name == "sqlite"
        self._line_up = line_up
        self._idle: deque[Driver] = deque()

    def first(self, sql: str, values: Mapping[str, Any]) -> Sequence[Any] | None:
        """The first row found. A connection that the database has dropped meanwhile is noticed here, and replaced."""
        try:
            return self._first(sql, values)
        except self._engine.dialect.loaded_dbapi.OperationalError as error:
            if self._sqlite or error.sqlstate == LOCKED:
                raise
            self.dispose()
            return self._first(sql, values)

    @contextmanager
    def writing(self) -> Iterator[Driver]:
        """On SQLite one transaction; on PostgreSQL statements stand alone here too, so that each is one round trip."""
        with self._line_up:
            driver = self._take()
            try:
                if self._sqlite:
                    driver.run("BEGIN IMMEDIATE", {})
                yield driver
                if self._sqlite:
                    driver.run("COMMIT", {})
            except BaseException:
                self._let_go(driver)
                raise
            self._idle.append(driver)

    def dispose(self) -> None:
        while self._idle:
            self._idle.pop().connection.close()

    def _first(self, sql: str, values: Mapping[str, Any]) -> Sequence[Any] | None:
        driver = self._take()
        try:
            row = driver.first(sql, values)
        except BaseException:
            self._let_go(driver)
            raise
        self._idle.append(driver)
        return row

    def _take(self) -> Driver:
        try:
            return self._idle.pop()
        except IndexError:
            pooled = self._engine.raw_connection()
            pooled.detach()
        connection = pooled.dbapi_connection
        assert connection is not None
        if not self._sqlite:
            connection.autocommit = True
        return Driver(connection, sqlite=self._sqlite)

    def _let_go(self, driver: Driver) -> None:
        """Keep a connection only while it is sound; the database may have been away."""
        try:
            driver.connection.rollback()
        except self._engine.dialect.loaded_dbapi.Error:
            driver.connection.close()
        else:
            self._idle.append(driver)


def driver_of(db: Session) -> Driver:
    """The driver under a session, in its transaction."""
    connection = db.connection()
    driver = connection.connection.dbapi_connection
    assert driver is not None
    return Driver(driver, sqlite=connection.dialect.name == "sqlite")


def read_moment(kept: Any) -> datetime:
    """A moment as a column holds it."""
    return datetime.fromisoformat(kept).replace(tzinfo=UTC) if isinstance(kept, str) else kept


@cache
def _spelled(sql: str, sqlite: bool) -> str:
    return sql if sqlite else PARAMETER.sub(r"%(\1)s", sql)
