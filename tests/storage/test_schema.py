from concurrent.futures import ThreadPoolExecutor

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import inspect, text

from storage import schema
from storage.database import Database
from storage.models import Base
from storage.schema import MIGRATIONS, migrate

WAYS = [schema._create, schema._run_migrations]


@pytest.mark.parametrize("make", WAYS)
def test_a_new_database_and_one_that_was_migrated_are_as_the_models_say(empty_url, make):
    database = Database(empty_url)
    with database.transaction() as db:
        make(db.connection())
        context = MigrationContext.configure(db.connection(), opts={"compare_server_default": True})
        assert compare_metadata(context, Base.metadata) == []
        assert context.get_current_revision() == schema._revisions()[-1]
    database.dispose()


def test_a_new_database_and_one_that_was_migrated_have_the_same_indexes(tmp_path):
    def indexes(make):
        database = Database(f"sqlite:///{tmp_path}/{make.__name__}.db")
        with database.transaction() as db:
            make(db.connection())
            found = db.execute(text("SELECT name, sql FROM sqlite_master WHERE type = 'index' AND sql IS NOT NULL"))
            made = {name: " ".join(sql.replace('"', "").split()) for name, sql in found}
        database.dispose()
        return made

    created, migrated = map(indexes, WAYS)
    assert created == migrated


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
