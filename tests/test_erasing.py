"""`app.py erase` and `hold`: what the operator is told."""

from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from app import cli
from storage.database import Database
from storage.models import Caller, SurveyVersion
from tests.conftest import Nora
from tests.rows import call_on_line

CALL = "CA" + "1" * 32
Command = Callable[..., Result]


@pytest.fixture
def command(sqlite_url: str, tmp_path: Path, nora: Nora, now) -> Command:
    """A command in a house that Nora has called."""
    database = Database(sqlite_url)
    with database.transaction() as db:
        db.add(SurveyVersion(version="sha256:1", survey="after-call", source="", published_at=now))
        db.flush()
        db.add(call_on_line(CALL, now, from_number=nora.number, ended_at=now, context={"customer": nora.name}))
        db.add(Caller(number=nora.number, opted_out_at=now))
    database.dispose()
    settings = {"DATA_DIR": str(tmp_path), "DATABASE_URL": sqlite_url}
    return lambda *words: CliRunner().invoke(cli, words, env=settings)


def test_who_is_not_known_cannot_be_erased_and_the_command_says_so(command: Command) -> None:
    for words in (["2025550199"], ["+12025550123"], ["--call", "CA" + "0" * 32]):
        told = command("erase", *words)
        assert told.exit_code == 1
        assert words[-1] in told.output
        assert "Erased" not in told.output
    assert "such as +12025550199" in command("erase", "2025550199").output


def test_a_caller_is_erased_and_the_wish_never_to_be_surveyed_stays(command: Command, nora: Nora) -> None:
    told = command("erase", nora.number)
    assert told.exit_code == 0, told.output
    assert "Erased: 1 calls" in told.output
    assert "Kept: the wish never to be surveyed again" in told.output
    again = command("erase", nora.number)
    assert (again.exit_code, "Erased: 0 calls" in again.output) == (0, True)


def test_what_was_erased_does_not_lie_on_in_the_file(command: Command, sqlite_url: str, nora: Nora) -> None:
    file = Path(sqlite_url.removeprefix("sqlite:///"))
    written_out(sqlite_url)
    assert nora.name.encode() in file.read_bytes()
    command("erase", nora.number)
    written_out(sqlite_url)
    assert nora.name.encode() not in file.read_bytes()


def written_out(url: str) -> None:
    """All that was committed is in the file itself, and no longer in the log beside it."""
    database = Database(url)
    with database.engine.connect() as connection:
        connection.exec_driver_sql("COMMIT")
        connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
        connection.exec_driver_sql("BEGIN")
    database.dispose()


def test_a_held_call_is_kept_and_named(command: Command, nora: Nora) -> None:
    assert command("hold", CALL, "--because", "case 14/2026").exit_code == 0
    assert f"Kept by a legal hold: {CALL}" in command("erase", nora.number).output
