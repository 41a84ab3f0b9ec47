"""A database comes to the newest tables by itself: once, whole, up and down, and never over what is not ours."""

import multiprocessing
import os
import signal
import sqlite3
import stat
from pathlib import Path

import pytest
import sqlalchemy as sa
from alembic import op
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory

from user_intel.errors import InputError, StateError
from user_intel.settings import Settings
from user_intel.state import open_state
from user_intel.state.connection import open_engine
from user_intel.state.migrating import MIGRATIONS, VERSION_TABLE, move_to, revision_of, revisions
from user_intel.state.models import Base
from user_intel_tests.postgres import PASSWORD, Postgres
from user_intel_tests.state.conftest import seen, told_postgres


def tables_of(settings: Settings) -> set[str]:
    with open_engine(settings) as (engine, _):
        return set(sa.inspect(engine).get_table_names())


def test_the_models_are_what_the_migrations_make(settings: Settings) -> None:
    with open_state(settings):
        pass
    with open_engine(settings) as (engine, _), engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"version_table": VERSION_TABLE})
        assert compare_metadata(context, Base.metadata) == []


def test_a_difference_between_models_and_migrations_would_be_seen(settings: Settings) -> None:
    with open_state(settings):
        pass
    with open_engine(settings) as (engine, _), engine.begin() as connection:
        connection.exec_driver_sql("alter table insights drop column title")
        context = MigrationContext.configure(connection, opts={"version_table": VERSION_TABLE})
        ((what, *_, column),) = compare_metadata(context, Base.metadata)
    assert (what, column.name) == ("add_column", "title")


def test_the_revisions_are_one_chain_and_known_without_alembic() -> None:
    scripts = ScriptDirectory(str(MIGRATIONS))
    assert [script.revision for script in scripts.walk_revisions()] == revisions()[::-1]


def test_down_and_up_again_leaves_nothing_and_then_all(settings: Settings) -> None:
    with open_state(settings) as state:
        state.register([seen("a")])
        state.decide("insight-a", "approved", by="maria")
    full = tables_of(settings)
    with open_engine(settings) as (engine, place):
        for revision in (*revisions()[::-1], "base"):
            move_to(engine, place, revision)
            with engine.connect() as connection:
                assert (revision_of(connection) or "base") == revision
    assert tables_of(settings) == {VERSION_TABLE}
    with open_engine(settings) as (engine, place):
        for revision in revisions():
            move_to(engine, place, revision)
    assert tables_of(settings) == full
    with open_state(settings) as state:
        assert state.statuses() == {}


def test_an_unknown_revision_is_refused(settings: Settings) -> None:
    with open_engine(settings) as (engine, place), pytest.raises(InputError, match=r"no revision '9999'.*base, 0001"):
        move_to(engine, place, "9999")


def test_a_newer_database_is_left_alone_and_said(settings: Settings) -> None:
    with open_state(settings) as state:
        state.register([seen("a")])
    with open_engine(settings) as (engine, _), engine.begin() as connection:
        connection.exec_driver_sql(f"update {VERSION_TABLE} set version_num = '9999'")
    with (
        pytest.raises(StateError, match=r"of a newer user_intel \(revision 9999.*Update this program"),
        open_state(settings),
    ):
        pass
    assert "insights" in tables_of(settings)


def test_tables_of_somebody_else_are_not_touched(settings: Settings) -> None:
    with open_engine(settings) as (engine, _), engine.begin() as connection:
        connection.exec_driver_sql("create table insights (name text)")
    with pytest.raises(StateError, match="holds other tables by the names insights"), open_state(settings):
        pass
    assert tables_of(settings) == {"insights"}


def test_a_database_may_be_shared_with_others_who_use_alembic(settings: Settings) -> None:
    with open_engine(settings) as (engine, _), engine.begin() as connection:
        connection.exec_driver_sql("create table alembic_version (version_num varchar(32))")
        connection.exec_driver_sql("insert into alembic_version values ('of Dagster')")
    with open_state(settings) as state:
        state.register([seen("a")])
    with open_engine(settings) as (engine, _), engine.connect() as connection:
        assert connection.exec_driver_sql("select * from alembic_version").scalar_one() == "of Dagster"


def _die_while_migrating(settings: Settings) -> None:
    make = op.create_table

    def die_at_the_last(name: str, *columns: sa.schema.SchemaItem) -> None:
        make(name, *columns)
        if name == "audit":
            os.kill(os.getpid(), signal.SIGKILL)

    op.create_table = die_at_the_last  # type: ignore[assignment]
    with open_state(settings):
        pass


def test_a_killed_migration_leaves_nothing_of_itself_and_the_next_program_does_it(settings: Settings) -> None:
    program = multiprocessing.get_context("spawn").Process(target=_die_while_migrating, args=(settings,))
    program.start()
    program.join(60)
    assert program.exitcode == -signal.SIGKILL
    assert tables_of(settings) == set()
    with open_state(settings) as state:
        assert state.statuses() == {}


def test_the_file_is_for_its_owner_alone_and_written_ahead(sqlite_settings: Settings) -> None:
    path = sqlite_settings.home / "state.db"
    with open_state(sqlite_settings) as state:
        state.register([seen("a")])
        found = {file.name: stat.S_IMODE(file.stat().st_mode) for file in path.parent.glob("state.db*")}
    assert found == {"state.db": 0o600, "state.db-wal": 0o600, "state.db-shm": 0o600}
    with sqlite3.connect(path) as connection:
        assert connection.execute("pragma journal_mode").fetchone() == ("wal",)
    connection.close()


def test_a_file_that_others_could_read_is_made_private(sqlite_settings: Settings) -> None:
    with open_state(sqlite_settings):
        pass
    path = sqlite_settings.home / "state.db"
    path.chmod(0o644)
    with open_state(sqlite_settings):
        pass
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_the_migrations_are_in_the_package() -> None:
    """The wheel holds every Python file of the package; Alembic needs no other."""
    package = Path(__file__).parents[2] / "user_intel" / "state" / "migrations"
    assert package == MIGRATIONS
    assert {path.suffix for path in package.rglob("*") if path.is_file() and "__pycache__" not in path.parts} == {".py"}


def test_a_user_who_may_make_no_tables_is_told_so(postgres: Postgres, postgres_settings: Settings) -> None:
    told_postgres(postgres, "create role reader login password 'reads'")
    assert postgres_settings.state_url
    address = postgres_settings.state_url.get_secret_value().replace(f"dagster:{PASSWORD}", "reader:reads")
    with (
        pytest.raises(StateError, match="Let it make tables there"),
        open_state(Settings(USER_INTEL_STATE_URL=address, _env_file=None)),
    ):
        pass
