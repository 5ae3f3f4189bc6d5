"""The shape of the tables: brought up to date by the migrations beside this file."""

from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from alembic.util import CommandError
from sqlalchemy import Connection, text

from storage.database import Database

MIGRATIONS = Path(__file__).parent / "migrations"
MIGRATION_LOCK = 4821  # any number, as long as every process takes the same one


def migrate(database_url: str) -> None:
    """Bring the tables of that database to the newest shape; up to date already, nothing changes.

    Two processes may start at once: the second waits, then finds nothing to do. A database that a newer
    release has migrated is left as it is, since migrations keep the previous release running.
    """
    database = Database(database_url)
    try:
        if not _up_to_date(database):
            _upgrade(database)
    finally:
        database.dispose()


def _up_to_date(database: Database) -> bool:
    """A look without the write lock, so that a start does not wait for running calls."""
    with database.reading() as db:
        return _nothing_to_do(db.connection())


def _upgrade(database: Database) -> None:
    with database.transaction() as db:
        connection = db.connection()
        if not database.sqlite:  # on SQLite the transaction itself lets in one writer at a time
            connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": MIGRATION_LOCK})
        if not _nothing_to_do(connection):
            config = Config(attributes={"connection": connection})
            config.set_main_option("script_location", str(MIGRATIONS))
            command.upgrade(config, "head")


def _nothing_to_do(connection: Connection) -> bool:
    scripts = ScriptDirectory(str(MIGRATIONS))
    current = MigrationContext.configure(connection).get_current_revision()
    if current is None:
        return False
    try:
        scripts.get_revision(current)
    except CommandError:  # not one of ours: a newer release was here
        return True
    return current == scripts.get_current_head()
