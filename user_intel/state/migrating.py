"""How a database comes to have the tables of `models.py`: the migrations beside this file, run when one is opened.

Each runs in one transaction together with the note of it, on SQLite as on PostgreSQL: a killed one leaves the tables as
they were. Of several programs that open a database at once, one migrates and the others wait.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from user_intel import files
from user_intel.errors import InputError, StateError
from user_intel.state.connection import writing
from user_intel.state.refusals import Place

if TYPE_CHECKING:
    from sqlalchemy import Connection, Engine

# Not Alembic's own name, so that a database may be shared with others who use Alembic, such as Dagster.
VERSION_TABLE = "user_intel_version"
MIGRATIONS = Path(__file__).parent / "migrations"
# Any number that others do not lock: "user_int" in ASCII.
_POSTGRES_LOCK = 0x757365725F696E74
_WAIT_S = 120

_LOG = logging.getLogger(__name__)


def revisions() -> list[str]:
    """The known revisions, oldest first; each migration's file is named v<revision>_<what it does>.py."""
    return sorted(path.stem[1:].partition("_")[0] for path in (MIGRATIONS / "versions").glob("v*.py"))


def revision_of(connection: Connection) -> str | None:
    """The revision of a database; None where the state was never kept there."""
    import sqlalchemy as sa

    if not sa.inspect(connection).has_table(VERSION_TABLE):
        return None
    noted = sa.table(VERSION_TABLE, sa.column("version_num", sa.String()))
    return connection.execute(sa.select(noted.c.version_num)).scalar_one_or_none()


def bring_up_to_date(engine: Engine, place: Place) -> None:
    """Migrates to the newest revision if the database is older. Raises StateError where it is newer, or not ours."""
    with engine.connect() as connection:
        found = revision_of(connection)
    if found != revisions()[-1]:
        move_to(engine, place, revisions()[-1])


def move_to(engine: Engine, place: Place, wanted: str) -> None:
    """Migrates up or down to `wanted`; `base` leaves no table of ours. One program at a time."""
    known = ["base", *revisions()]
    if wanted not in known:
        raise InputError(f"There is no revision {wanted!r} of the state database; there are {', '.join(known)}.")
    with _alone(engine, place), writing(engine) as connection:
        if connection.dialect.name == "postgresql":
            _take_turn(connection)
        found = revision_of(connection) or "base"
        if found not in known:
            raise StateError(
                f"{place} is of a newer user_intel (revision {found}; this one knows {revisions()[-1]}). "
                "Update this program; or bring the database back with the newer one: user-intel state --to "
                f"{revisions()[-1]}"
            )
        if found == "base":
            _refuse_foreign_tables(connection, place)
        if found != wanted:
            _run(connection, wanted, down=known.index(wanted) < known.index(found))
            _LOG.info("%s: from revision %s to %s", place, found, wanted)


@contextmanager
def _alone(engine: Engine, place: Place) -> Iterator[None]:
    """Of programs that find a SQLite file not up to date, one at a time: two cannot set the log's mode at once."""
    if place.path is None:
        yield
        return
    from filelock import FileLock, Timeout

    try:
        with FileLock(place.path.with_name(f".{place.path.name}.lock"), timeout=_WAIT_S):
            _write_ahead(engine)
            yield
    except Timeout:
        raise StateError(f"{place} is being migrated by another program for too long. Do it again later.") from None


def _write_ahead(engine: Engine) -> None:
    connection = engine.raw_connection()
    try:
        connection.cursor().execute(files.sql("state/sqlite_write_ahead"))
    finally:
        connection.close()


def _take_turn(connection: Connection) -> None:
    import sqlalchemy as sa

    connection.execute(sa.select(sa.func.pg_advisory_xact_lock(_POSTGRES_LOCK)))


def _refuse_foreign_tables(connection: Connection, place: Place) -> None:
    import sqlalchemy as sa

    from user_intel.state.models import Base

    taken = sorted(set(sa.inspect(connection).get_table_names()) & set(Base.metadata.tables))
    if taken:
        raise StateError(
            f"{place} holds other tables by the names {', '.join(taken)}. Give user_intel a database of its own: set "
            "USER_INTEL_STATE_URL to it."
        )


def _run(connection: Connection, wanted: str, *, down: bool) -> None:
    from alembic import command
    from alembic.config import Config

    config = Config(attributes={"connection": connection})
    config.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
    config.set_main_option("path_separator", "os")
    (command.downgrade if down else command.upgrade)(config, wanted)
