"""Everything people decided copied from a SQLite file into another, empty database: from one home to PostgreSQL."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from user_intel.errors import InputError
from user_intel.settings import Settings
from user_intel.state.connection import open_engine, writing
from user_intel.state.migrating import bring_up_to_date
from user_intel.state.refusals import translated

if TYPE_CHECKING:
    from sqlalchemy import Connection, Table

_ROWS_AT_ONCE = 1_000


def copy_from(path: Path, settings: Settings) -> dict[str, int]:
    """Copies all rows of the SQLite file at `path` into the state of `settings`; how many of each table.

    All or nothing. Raises InputError where there is no such file, or where the state to copy into holds something.
    """
    if not path.is_file():
        raise InputError(f"There is no file {path}; expected is the state.db of a home.")
    source = settings.model_copy(update={"state_url": None, "home": path.resolve().parent})
    if path.name != "state.db":
        raise InputError(f"{path} is not called state.db; give the file of a home, or a copy under that name.")
    with open_engine(source) as (old, old_place), open_engine(settings) as (new, new_place):
        with translated(old_place):
            bring_up_to_date(old, old_place)
        with translated(new_place):
            bring_up_to_date(new, new_place)
            with old.connect() as read, writing(new) as write:
                return _copied(read, write)


def _copied(read: Connection, write: Connection) -> dict[str, int]:
    import sqlalchemy as sa

    from user_intel.state.models import Base

    counts: dict[str, int] = {}
    for table in Base.metadata.sorted_tables:
        if write.execute(sa.select(sa.func.count()).select_from(table)).scalar_one():
            raise InputError(f"The state to copy into has {table.name} already; only an empty one is copied into.")
        counts[table.name] = 0
        for rows in read.execute(sa.select(table)).mappings().partitions(_ROWS_AT_ONCE):
            write.execute(sa.insert(table), [dict(row) for row in rows])
            counts[table.name] += len(rows)
        _count_on(write, table)
    return counts


def _count_on(write: Connection, table: Table) -> None:
    """Lets PostgreSQL go on numbering after the last row; SQLite does so by itself."""
    import sqlalchemy as sa

    numbered = table.autoincrement_column
    if numbered is None or write.dialect.name != "postgresql":
        return
    sequence = sa.func.pg_get_serial_sequence(table.name, numbered.name)
    last = sa.select(sa.func.max(numbered)).scalar_subquery()
    write.execute(sa.select(sa.func.setval(sequence, sa.func.coalesce(last, 1), last.is_not(None))))
