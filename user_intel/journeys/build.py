"""Journeys of a day: `sessions` and `steps` from `events`.

What counts as what, so that every day can be built in any order, twice, and without a look into the future:

- Bots are left out. An event whose step is null counts as an event of its session and is no step.
- A session ends 30 minutes after its last event (`session_gap_minutes`). It belongs to the day in which that instant
  falls; each event is in exactly one session and midnight cuts nothing.
- The source's session id is honoured: one user's events of one id are one session, also over longer pauses, unless
  the earlier part had closed before a midnight that lies between. That part was told on its day, so the rest is a
  session of its own. Two ids of one user that interleave stay two sessions.
- An event without an id (sent by a server) joins the session of the user's last event that has one, if that was at
  most 30 minutes ago. Otherwise gaps of more than 30 minutes among the user's remaining events without id divide.
- An event 24 hours (`session_cap_hours`) after its session's start starts another.
- `session_id` is the source's where this session is the id's first use (by any user); later uses get a suffix of day
  and digest. Sessions without a source's id get a digest of user and start.
- A visit lasts until the next one begins, at most 30 minutes (`dwell_cap_minutes`), unless the page itself reported
  how long it was looked at (`$prev_pageview_duration`, `$pageleave`).

How it is made fast: a day of events is stored by user and time, and most users' sessions follow one another in it.
Those are told in one streaming pass that sorts nothing. Users who need more (alive at a midnight, interleaved or
repeated ids, events with and without ids, the cap) are worked out first, apart, and woven in.
The SQL is in `sql/journeys/`; this module says only in which order it runs.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

from duckdb import ColumnExpression, ConstantExpression, Expression, FunctionExpression

from user_intel import files
from user_intel.days import day_bounds
from user_intel.errors import LakeError
from user_intel.lake import Connection, Lake, Relation
from user_intel.product import Product


@dataclass(frozen=True)
class JourneyCounts:
    """Rows written for a day."""

    sessions: int
    steps: int


def build_journeys(lake: Lake, product: Product, day: date) -> JourneyCounts:
    """Writes the table-days `sessions` and `steps` of `day` from `events` and returns their numbers of rows.

    Reads the events of `day`; of the days before, only users whose sessions were still running at midnight, and which
    users and session ids there were. A day without events and without running sessions gets tables without rows.
    """
    with lake.connect() as connection, _scratch(lake) as scratch:
        _open_events(connection, lake, day)
        _give_rules(connection, product, day)
        _carry_running_sessions(connection, lake, product, day)
        reported = bool(_run(connection, "page_stays_reported").fetchall()[0][0])
        _give_rules(connection, product, day, keeps_pages=reported)
        _work_out_intricate_users(connection)
        _weave(connection, lake, day, scratch / "intricate.parquet")
        if reported:
            _run(connection, "page_stays")
        with ThreadPoolExecutor(1) as beside:
            # A streaming pass keeps one core busy; the two passes are independent of one another.
            steps = beside.submit(_write_steps, connection.cursor(), lake, product, day)
            _collect_sessions(connection, product)
            step_count = steps.result()
        lake.read(connection, "steps", [day]).create_view("day_steps")
        if product.flows:
            _run(connection, "goals_reached")
        session_count = lake.write_day("sessions", day, _sessions(connection, product))
    return JourneyCounts(session_count, step_count)


def _run(connection: Connection, name: str, parameters: dict[str, object] | None = None) -> Connection:
    return connection.execute(files.sql(f"journeys/{name}"), parameters)


def _give_rules(connection: Connection, product: Product, day: date, *, keeps_pages: bool = False) -> None:
    starts_at, ends_at = day_bounds(day, product.zone)
    limits = product.thresholds
    rules = {
        "day": day,
        "starts_at": starts_at,
        "ends_at": ends_at,
        "gap": timedelta(minutes=limits.session_gap_minutes),
        "cap": timedelta(hours=limits.session_cap_hours),
        "dwell_cap_s": limits.dwell_cap_minutes * 60.0,
        "keeps_pages": keeps_pages,
        "keeps_segments": bool(product.segments),
        "segments": product.segments,
        "flows": list(product.flows),
        "goal_steps": [steps[-1] for steps in product.flows.values()],
    }
    _run(connection, "set_rules", {"rules": rules})
    _run(connection, "keep_order")


def _open_events(connection: Connection, lake: Lake, day: date) -> None:
    lake.read(connection, "events", [day]).create_view("day_events")
    lake.read(connection, "events", [d for d in lake.days("events") if d < day]).create_view("history")
    _run(connection, "gap_session_id")
    _run(connection, "segment_value")
    _run(connection, "tables_of_a_build")


def _carry_running_sessions(connection: Connection, lake: Lake, product: Product, day: date) -> None:
    """Collects the earlier events of users alive at midnight, a day at a time while any session is running."""
    midnights = [day_bounds(day, product.zone)[1]]
    earlier = day - timedelta(days=1)
    while True:
        ends_at = day_bounds(earlier, product.zone)[1]
        lake.read(connection, "events", [earlier]).create_view("earlier_day", replace=True)
        first = len(midnights) == 1
        _run(connection, "alive_users", {"ends_at": ends_at, "everybody": first})
        midnights.append(ends_at)
        if not connection.table("alive_users").limit(1).fetchall():
            break
        _run(connection, "carried_events")
        earlier -= timedelta(days=1)
    _run(connection, "set_midnights", {"midnights": midnights})


def _work_out_intricate_users(connection: Connection) -> None:
    for name in (
        "runs",
        "earlier_ids",
        "intricate_users",
        "involved_events",
        "chained_events",
        "broken_events",
        "cap_cuts",
        "placed_events",
        "intricate_sessions",
        "intricate_bits",
    ):
        _run(connection, name)


def _weave(connection: Connection, lake: Lake, day: date, intricate: Path) -> None:
    """Makes the views `walk` and `visits`: the day's sessions, plain and intricate, one after another.

    The intricate ones stand in a file of their own, read right behind the day's: files of one scan keep their order,
    the branches of a union do not.
    """
    _run(connection, "intricate_events", {"path": str(intricate)})
    paths = [str(path) for path in (lake.day_path("events", day), intricate) if path.exists()]
    connection.read_parquet(paths, hive_partitioning=False, union_by_name=True).create_view("woven_events")
    for name in ("walk", "visits"):
        _run(connection, name)


@contextmanager
def _scratch(lake: Lake) -> Iterator[Path]:
    folder = lake.scratch_folder("journeys-")
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _write_steps(connection: Connection, lake: Lake, product: Product, day: date) -> int:
    # Variables belong to a connection, and this one is new.
    _give_rules(connection, product, day)
    _run(connection, "intricate_bits")
    return lake.write_day_with("steps", day, lambda path: _copy_steps(connection, path))


def _copy_steps(connection: Connection, path: Path) -> None:
    _run(connection, "steps", {"path": str(path)})
    connection.read_parquet(str(path), hive_partitioning=False).create_view("written_steps")
    _refuse_disorder(connection)


def _refuse_disorder(connection: Connection) -> None:
    misplaced = _run(connection, "rows_out_of_order").fetchall()[0][0]
    if misplaced:
        raise LakeError(
            f"{misplaced} steps were about to be stored out of their session's order, which DuckDB was expected "
            "to keep. Nothing was written. Build the day again; if it recurs, compare DuckDB's version with "
            "the one in uv.lock."
        )


def _collect_sessions(connection: Connection, product: Product) -> None:
    _run(connection, "session_rows")
    _run(connection, "earlier_users")
    if product.segments:
        _run(connection, "segment_values")


def _sessions(connection: Connection, product: Product) -> Relation:
    """`sessions` of the day, each configured segment as a column."""
    rows = connection.query(files.sql("journeys/sessions"))
    kept = [ColumnExpression(name) for name in rows.columns if name != "segments"]
    return rows.project(*kept, *(_segment_column(name) for name in product.segments))


def _segment_column(name: str) -> Expression:
    found = FunctionExpression("map_extract_value", ColumnExpression("segments"), ConstantExpression(name))
    return found.alias(name)
