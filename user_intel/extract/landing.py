"""Puts normalised events into the lake: a day becomes what it held, without what is replaced, and what arrived.

Every source lands through here, so that a day has each event once however often and in whatever order it is imported.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import duckdb

from user_intel import files, privacy
from user_intel.lake import Connection, Lake, Relation

# Another landing of the same day takes seconds; after this long something else is wrong.
_WAIT_S = 120.0


@dataclass(frozen=True)
class Landed:
    """A day of `events` after landing: its rows, how many of them are new, how many that arrived were there already."""

    rows: int
    added: int
    duplicates: int


def land_day(lake: Lake, day: date, paths: Sequence[Path], replaced_sources: Collection[str]) -> Landed:
    """Lands Parquet files with the columns of `tables.EVENTS` on `day`; all or nothing, each event_id once.

    Rows the day holds of `replaced_sources` go, all others stay; rows of forgotten people are left out. Raises DayBusy
    when another process writes the day, LakeError when rows lie outside it or the disk is full.
    """
    with lake.connect() as connection:
        return land_rows(connection, lake, day, _arrived(connection, lake, paths), replaced_sources)


def land_rows(
    connection: Connection, lake: Lake, day: date, arrived: Relation, replaced_sources: Collection[str]
) -> Landed:
    """As `land_day`, for rows of a connection of the lake's, which may land many days one after the other."""
    with lake.writing("events", day, wait_s=_WAIT_S):
        held = _without_sources(lake.read(connection, "events", [day]), replaced_sources)
        held_rows, arrived_rows = _count(held), _count(arrived)
        rows = lake.write_day("events", day, _landed(connection, lake, held, arrived))
    added = rows - held_rows
    return Landed(rows, added, arrived_rows - added)


def _landed(connection: Connection, lake: Lake, held: Relation, arrived: Relation) -> Relation:
    held.create_view("held_events", replace=True)
    arrived.create_view("arrived_events", replace=True)
    forgotten = sorted(privacy.forgotten_users(lake.home))
    connection.execute(files.sql("extract/forgotten_users"), {"users": forgotten})
    connection.execute(files.sql("extract/repeated_ids"))
    return connection.sql(files.sql("extract/landed_events"))


def _without_sources(rows: Relation, sources: Collection[str]) -> Relation:
    if not sources:
        return rows
    named = [duckdb.ConstantExpression(source) for source in sorted(sources)]
    return rows.filter(duckdb.ColumnExpression("source").isnotin(*named))


def _arrived(connection: Connection, lake: Lake, paths: Sequence[Path]) -> Relation:
    if not paths:
        return lake.read(connection, "events", [])
    arrived = connection.read_parquet([str(path) for path in paths], hive_partitioning=False, union_by_name=True)
    return arrived.project(*(duckdb.ColumnExpression(name) for name in lake.table("events").column_names))


def _count(rows: Relation) -> int:
    return int(rows.aggregate("count(*)").fetchall()[0][0])
