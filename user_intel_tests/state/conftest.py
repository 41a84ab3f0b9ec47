"""Real state databases, each empty: a SQLite file in a home of its own, and a database of a real PostgreSQL."""

from collections.abc import Iterator
from contextlib import closing
from datetime import date
from pathlib import Path

import psycopg2
import pytest

from user_intel.settings import Settings
from user_intel.state import open_state
from user_intel.state.records import SeenInsight
from user_intel.state.store import State
from user_intel_tests.postgres import PASSWORD, Postgres

DAY = date(2026, 11, 14)


def seen(name: str, day: date = DAY, title: str = "Improve Shipping") -> SeenInsight:
    """An insight as the explain stage would meet it, called insight-`name`."""
    return SeenInsight(f"insight-{name}", name, "drop_off", "/shipping", "device_type=mobile", day, title)


def server_address(postgres: Postgres, database: str, scheme: str = "postgresql", options: str = "") -> str:
    """The address of a database on the test's server."""
    return f"{scheme}://dagster:{PASSWORD}@127.0.0.1:{postgres.port}/{database}{options}"


def told_postgres(postgres: Postgres, statement: str, database: str = "dagster") -> None:
    """Runs one statement as the server's owner."""
    with closing(psycopg2.connect(server_address(postgres, database))) as connection:
        connection.autocommit = True
        connection.cursor().execute(statement)


def empty_database(postgres: Postgres, name: str) -> None:
    """Removes every table of a database, and whoever is still connected to it."""
    others = "select pg_terminate_backend(pid) from pg_stat_activity where pid <> pg_backend_pid() and datname = "
    told_postgres(postgres, f"{others}'{name}'")
    told_postgres(
        postgres, "drop schema public cascade; create schema public; grant usage on schema public to public", name
    )


@pytest.fixture
def sqlite_settings(tmp_path: Path) -> Settings:
    return Settings(USER_INTEL_HOME=tmp_path / "home", _env_file=None)


@pytest.fixture(scope="session")
def state_database(postgres: Postgres) -> str:
    """The name of a database that the tests share; a new one for each would be copied and removed, file by file."""
    told_postgres(postgres, "create database state")
    return "state"


@pytest.fixture
def postgres_settings(tmp_path: Path, postgres: Postgres, state_database: str) -> Settings:
    empty_database(postgres, state_database)
    address = server_address(postgres, state_database)
    return Settings(USER_INTEL_HOME=tmp_path / "home", USER_INTEL_STATE_URL=address, _env_file=None)


@pytest.fixture(params=["sqlite", "postgres"])
def settings(request: pytest.FixtureRequest) -> Settings:
    """Settings of each of the two kinds of database, empty."""
    found: Settings = request.getfixturevalue(f"{request.param}_settings")
    return found


@pytest.fixture
def state(settings: Settings) -> Iterator[State]:
    """Each of the two kinds of database, with three insights seen on `DAY`."""
    with open_state(settings) as opened:
        opened.register([seen("a"), seen("b"), seen("c")])
        yield opened


@pytest.fixture
def sqlite_state(sqlite_settings: Settings) -> Iterator[State]:
    """As `state`, on SQLite alone: for what cannot depend on the database."""
    with open_state(sqlite_settings) as opened:
        opened.register([seen("a"), seen("b"), seen("c")])
        yield opened
