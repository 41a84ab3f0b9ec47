"""`user-intel state`: where what people decided is kept; moved to another revision, or from SQLite to PostgreSQL."""

from pathlib import Path

from user_intel.settings import settings
from user_intel.state.connection import open_engine
from user_intel.state.copying import copy_from
from user_intel.state.migrating import bring_up_to_date, move_to, revision_of, revisions
from user_intel.state.refusals import translated
from user_intel.terminal.console import OUT, plain_table


def run_copy(path: Path) -> None:
    """Copies what was decided in a home's SQLite file into the configured database, and prints how much."""
    copied = copy_from(path, settings())
    table = plain_table("table", "rows copied", numbers=("rows copied",))
    for name, rows in copied.items():
        table.add_row(name, f"{rows:,}")
    OUT.print(table)


def run_state(to: str | None) -> None:
    """Brings the database to the newest revision, or to the one given, and prints which it has."""
    with open_engine(settings()) as (engine, place), translated(place):
        if to is None:
            bring_up_to_date(engine, place)
        else:
            move_to(engine, place, to)
        with engine.connect() as connection:
            found = revision_of(connection)
    OUT.print(f"{place.words}: revision {found or 'base'} of {revisions()[-1]}", highlight=False, soft_wrap=True)
