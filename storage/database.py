"""The connection to the database: SQLite that survives a power cut, or PostgreSQL."""

from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from pathlib import Path
from typing import Any, cast

from sqlalchemy import CursorResult, Engine, Result, create_engine, event, text
from sqlalchemy.engine import make_url
from sqlalchemy.orm import Session

from storage.lane import Lane
from storage.turnstile import Turnstile

BUSY_TIMEOUT_MS = 6_000  # in the queue, and once more for others than us: the carrier waits for 15 s
CONNECT_S, LOCK_S = 3, 6


class Database:
    """Transactions on one engine; made once in each process, after any fork.

    `url` is a SQLAlchemy address, `sqlite:///…` or `postgresql+psycopg://…`.
    """

    def __init__(self, url: str, pool_size: int = 8) -> None:
        self.sqlite = make_url(url).get_backend_name() == "sqlite"
        self.engine = _sqlite(url) if self.sqlite else _postgresql(url, pool_size)
        self._line_up = _turnstile(self.engine) if self.sqlite else nullcontext()
        self.lane = Lane(self.engine, self._line_up)

    @contextmanager
    def transaction(self) -> Iterator[Session]:
        """All of it or nothing: commits at the end, rolls back on any exception. For writing."""
        with self._line_up, Session(self.engine, expire_on_commit=False) as session, session.begin():
            if self.sqlite:
                # Take the write lock at the start: a read that turns into a write could fail half-way.
                session.connection(execution_options={"begin": "IMMEDIATE"})
            yield session

    @contextmanager
    def reading(self) -> Iterator[Session]:
        """A consistent view, without the write lock."""
        with Session(self.engine, expire_on_commit=False) as session, session.begin():
            yield session

    def alive(self) -> bool:
        """Whether the database answers.

        Raises:
            sqlalchemy.exc.SQLAlchemyError: it does not, and why.
        """
        with self.engine.connect() as connection:
            return bool(connection.scalar(text("SELECT 1")))

    def dispose(self) -> None:
        self.lane.dispose()
        self.engine.dispose()
        if isinstance(self._line_up, Turnstile):
            self._line_up.dispose()


def insert_into(db: Session, table: type[Any]) -> Any:
    """An INSERT that knows `ON CONFLICT`, which each database says through a dialect of its own."""
    if db.get_bind().dialect.name == "sqlite":
        from sqlalchemy.dialects.sqlite import insert
    else:
        from sqlalchemy.dialects.postgresql import insert  # type: ignore[assignment]  # each has a class of its own
    return insert(table)


def changed(result: Result[Any]) -> int:
    """How many rows an UPDATE or DELETE touched; of an INSERT, ask for what it made: `returning`."""
    return cast(CursorResult[Any], result).rowcount


def _turnstile(engine: Engine) -> AbstractContextManager[object]:
    """SQLite's busy handler is unfair under load: all processes that write the file line up before it."""
    path = engine.url.database
    return Turnstile(Path(f"{path}-turn"), BUSY_TIMEOUT_MS / 1000) if path and path != ":memory:" else nullcontext()


def _postgresql(url: str, pool_size: int) -> Engine:
    patience = {"connect_timeout": CONNECT_S, "tcp_user_timeout": LOCK_S * 1000}
    engine = create_engine(
        url,
        connect_args=patience,
        pool_size=pool_size,
        max_overflow=pool_size,
        pool_pre_ping=True,
        hide_parameters=True,
    )

    @event.listens_for(engine, "connect")
    def _prepare(connection: Any, _record: Any) -> None:
        connection.execute(f"SET lock_timeout = '{LOCK_S}s'")
        connection.commit()

    return engine


def _sqlite(url: str) -> Engine:
    engine = create_engine(url, connect_args={"timeout": BUSY_TIMEOUT_MS / 1000}, hide_parameters=True)

    @event.listens_for(engine, "connect")
    def _prepare(connection: Any, _record: Any) -> None:
        connection.isolation_level = None  # SQLAlchemy's begin below says which kind of transaction
        for pragma in (
            "journal_mode = WAL",
            "synchronous = FULL",
            "foreign_keys = ON",
            "secure_delete = ON",  # what was erased does not lie on in the file
            f"busy_timeout = {BUSY_TIMEOUT_MS}",
        ):
            connection.execute(f"PRAGMA {pragma}").close()

    @event.listens_for(engine, "begin")
    def _begin(connection: Any) -> None:
        kind = connection.get_execution_options().get("begin", "DEFERRED")
        connection.exec_driver_sql(f"BEGIN {kind}")

    return engine
