from concurrent.futures import ThreadPoolExecutor

from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import inspect, text

from storage.database import Database
from storage.models import Base
from storage.schema import MIGRATIONS, migrate


def test_migrations_and_models_agree(database):
    with database.engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_server_default": True})
        assert compare_metadata(context, Base.metadata) == []


def test_every_table_of_the_models_is_there_after_migrating(empty_url):
    migrate(empty_url)
    database = Database(empty_url)
    assert set(Base.metadata.tables) <= set(inspect(database.engine).get_table_names())
    database.dispose()


def test_two_processes_may_migrate_at_once(empty_url):
    with ThreadPoolExecutor(8) as starters:
        list(starters.map(migrate, [empty_url] * 8))


def test_migrating_again_keeps_what_is_stored(database, database_url, now):
    with database.transaction() as db:
        db.execute(text("INSERT INTO callers (number, language) VALUES ('+12025550199', 'es')"))
    migrate(database_url)
    with database.reading() as db:
        assert db.execute(text("SELECT language FROM callers")).scalar_one() == "es"


def test_a_database_of_a_newer_release_is_left_as_it_is(database, database_url):
    with database.transaction() as db:
        db.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    migrate(database_url)
    with database.reading() as db:
        assert db.execute(text("SELECT version_num FROM alembic_version")).scalar_one() == "9999"


def test_a_running_call_does_not_hold_up_a_start(database, database_url):
    with database.transaction() as db:
        db.execute(text("INSERT INTO callers (number) VALUES ('+12025550199')"))
        migrate(database_url)


def test_a_migrations_file_begins_with_its_revision_and_revisions_are_in_order():
    revisions = [script.revision for script in ScriptDirectory(str(MIGRATIONS)).walk_revisions()]
    names = [path.name.partition("_")[0] for path in MIGRATIONS.glob("versions/*.py")]
    assert sorted(names) == revisions[::-1]
