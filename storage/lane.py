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
from sqlalchemy.engine.interfaces import DBAPIConnection, DBAPICursor
from sqlalchemy.orm import Session

PARAMETER = re.compile(r"(?<!:):([a-z_]+)")


class Driver:
    """One connection of the driver, in or out of a transaction."""

    def __init__(self, cursor: DBAPICursor, *, sqlite: bool) -> None:
        self.sqlite = sqlite
        self._cursor = cursor

    def first(self, sql: str, values: Mapping[str, Any]) -> Sequence[Any] | None:
        """The first row found."""
        self._cursor.execute(_spelled(sql, self.sqlite), values)
        return self._cursor.fetchone()

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
        self._idle: deque[DBAPIConnection] = deque()

    def first(self, sql: str, values: Mapping[str, Any]) -> Sequence[Any] | None:
        """The first row found. A connection that the database has dropped meanwhile is noticed here, and replaced."""
        try:
            return self._first(sql, values)
        except self._engine.dialect.loaded_dbapi.OperationalError:
            if self._sqlite:
                raise
            self.dispose()
            return self._first(sql, values)

    @contextmanager
    def reading(self) -> Iterator[Driver]:
        """Statements that stand alone."""
        connection = self._idle.pop() if self._idle else self._connect()
        try:
            yield Driver(connection.cursor(), sqlite=self._sqlite)
        except BaseException:
            self._let_go(connection)
            raise
        self._idle.append(connection)

    @contextmanager
    def writing(self) -> Iterator[Driver]:
        """On SQLite one transaction; on PostgreSQL statements stand alone here too, so that each is one round trip."""
        with self._line_up, self.reading() as driver:
            if self._sqlite:
                driver.run("BEGIN IMMEDIATE", {})
            yield driver
            if self._sqlite:
                driver.run("COMMIT", {})

    def _first(self, sql: str, values: Mapping[str, Any]) -> Sequence[Any] | None:
        with self.reading() as driver:
            return driver.first(sql, values)

    def dispose(self) -> None:
        while self._idle:
            self._idle.pop().close()

    def _connect(self) -> DBAPIConnection:
        pooled = self._engine.raw_connection()
        pooled.detach()
        assert pooled.dbapi_connection is not None
        if not self._sqlite:
            pooled.dbapi_connection.autocommit = True
        return pooled.dbapi_connection

    def _let_go(self, connection: DBAPIConnection) -> None:
        """Keep a connection only while it is sound; the database may have been away."""
        try:
            connection.rollback()
        except self._engine.dialect.loaded_dbapi.Error:
            connection.close()
        else:
            self._idle.append(connection)


def driver_of(db: Session) -> Driver:
    """The driver under a session, in its transaction."""
    connection = db.connection()
    return Driver(connection.connection.cursor(), sqlite=connection.dialect.name == "sqlite")


def read_moment(kept: Any) -> datetime:
    """A moment as a column holds it."""
    return datetime.fromisoformat(kept).replace(tzinfo=UTC) if isinstance(kept, str) else kept


@cache
def _spelled(sql: str, sqlite: bool) -> str:
    return sql if sqlite else PARAMETER.sub(r"%(\1)s", sql)
