"""The shape of the tables: an empty database gets them all at once, another the migrations beside this file."""

from pathlib import Path

from sqlalchemy import Connection, inspect, text
from sqlalchemy.exc import DBAPIError, OperationalError

from storage.database import Database

MIGRATIONS = Path(__file__).parent / "migrations"
MIGRATION_LOCK = 4821  # any number, as long as every process takes the same one
VERSION_TABLE = """CREATE TABLE alembic_version (
    version_num VARCHAR(32) NOT NULL, CONSTRAINT alembic_version_pkc PRIMARY KEY (version_num))"""
REPAIR = "run `python app.py migrate`"


def migrate(database_url: str) -> None:
    """Bring the tables of that database to the newest shape; up to date already, nothing changes.

    Two processes may start at once: the second waits, then finds nothing to do. A database that a newer
    release has migrated is left as it is, since migrations keep the previous release running.
    """
    database = Database(database_url)
    try:
        if not up_to_date(database):
            _upgrade(database)
    finally:
        database.dispose()


def up_to_date(database: Database) -> bool:
    """Whether this release can work with the tables; looks without the write lock, so that no call holds it up.

    Raises:
        sqlalchemy.exc.SQLAlchemyError: the database does not answer.
    """
    with database.reading() as db:
        return _nothing_to_do(db.connection())


def told(error: DBAPIError) -> str:
    """What is wrong with the database, and the repair, in one plain sentence."""
    said = str(error.orig).partition("\n")[0]
    if "no such table" in said or 'relation "' in said:
        return f"DATABASE_URL: the database has no tables yet; {REPAIR}"
    if isinstance(error, OperationalError):
        return f"DATABASE_URL: the database does not answer ({said}); start it, or correct DATABASE_URL"
    return f"DATABASE_URL: the database refuses ({said})"


def _upgrade(database: Database) -> None:
    with database.transaction() as db:
        connection = db.connection()
        if not database.sqlite:  # on SQLite the transaction itself lets in one writer at a time
            connection.execute(text("SET LOCAL lock_timeout = 0"))  # a migration may take long, and is waited for
            connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": MIGRATION_LOCK})
        if _nothing_to_do(connection):
            return
        if inspect(connection).get_table_names():
            _run_migrations(connection)
        else:
            _create(connection)


def _create(connection: Connection) -> None:
    """All tables as the models have them; a test holds them against what the migrations make."""
    from storage.models import Base

    Base.metadata.create_all(connection)
    connection.execute(text(VERSION_TABLE))
    connection.execute(text("INSERT INTO alembic_version VALUES (:newest)"), {"newest": _revisions()[-1]})


def _run_migrations(connection: Connection) -> None:
    from alembic import command  # half a second of imports, which nearly no start needs
    from alembic.config import Config

    config = Config(attributes={"connection": connection})
    config.set_main_option("script_location", str(MIGRATIONS))
    command.upgrade(config, "head")


def _nothing_to_do(connection: Connection) -> bool:
    if not inspect(connection).has_table("alembic_version"):
        return False
    current = connection.execute(text("SELECT version_num FROM alembic_version")).scalar()
    ours = _revisions()
    return current == ours[-1] or (current is not None and current not in ours)  # a newer release was here


def _revisions() -> list[str]:
    """Our migrations, oldest first: a file's name begins with its revision."""
    return sorted(path.name.partition("_")[0] for path in MIGRATIONS.glob("versions/[0-9]*.py"))
