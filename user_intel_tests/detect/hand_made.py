"""Lakes of sessions written down by hand: `Session("/shop:20 /cart:5 paid", user="anna")`, each on its day.

Sessions, steps and events are written as the stages before detect would have stored them; nothing is worked out here
but the places of visits and the clock. Dwells are ten seconds unless told.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import polars as pl

from user_intel.detect.tallies import tallies
from user_intel.lake import Lake
from user_intel.product import Product
from user_intel.tables import catalogue

# A Sunday, the last of the days that tests look at.
DAY = date(2026, 3, 29)
_TYPES = {
    "DATE": pl.Date, "VARCHAR": pl.String, "TIMESTAMP": pl.Datetime("us"), "BOOLEAN": pl.Boolean,
    "DOUBLE": pl.Float64, "BIGINT": pl.Int64, "INTEGER": pl.Int32, "VARCHAR[]": pl.List(pl.String),
}  # fmt: skip
Row = dict[str, Any]


@dataclass(frozen=True)
class Session:
    """Who walked where (`step:seconds step ...`), with the values of segment properties, and what frustrated there.

    `signals`: (signal, step, element). `recorded`: whether there is a recording of it. `returns`: for `write_alike`,
    whether the user is the same person every day.
    """

    walk: str
    user: str = "anna"
    values: Mapping[str, str | None] = field(default_factory=dict)
    signals: Sequence[tuple[str, str | None, str | None]] = ()
    recorded: bool = False
    hour: float = 12.0
    returns: bool = False


def before(days: int) -> date:
    """The day so many days before `DAY`."""
    return DAY - timedelta(days=days)


def new_lake(home: Path, product: Product) -> Lake:
    """An empty lake for a product."""
    return Lake(home, catalogue(product), threads=1)


def write(lake: Lake, day: date, sessions: Sequence[Session]) -> None:
    """Writes the tables of one day: sessions, steps, events, recordings and frustration_signals."""
    tables: dict[str, list[Row]] = {
        name: [] for name in ("sessions", "steps", "events", "recordings", "frustration_signals")
    }
    for number, session in enumerate(sessions):
        _add(tables, session, {"day": day, "session_id": f"{day}-{number}", "user_id": session.user})
    for name, rows in tables.items():
        write_rows(lake, name, day, rows)


def write_rows(lake: Lake, table: str, day: date, rows: Sequence[Row]) -> None:
    """Writes a table-day in stored order, past the lake's own checks, which would cost most of a test's time."""
    described = lake.table(table)
    frame = pl.DataFrame(rows, schema={column.name: _TYPES[column.type] for column in described.columns})
    path = lake.day_path(table, day)
    path.parent.mkdir(parents=True, exist_ok=True)
    frame.sort(described.sorted_by).write_parquet(path)


def write_alike(lake: Lake, product: Product, days: Sequence[date], sessions: Sequence[Session]) -> None:
    """The same day again and again, by other people each day but for those who return; written and tallied.

    One day is tallied, the tallies of the others are copies of it.
    """
    for day in days:
        write(lake, day, [s if s.returns else replace(s, user=f"{s.user} of {day}") for s in sessions])
    first = days[0]
    with lake.connect() as connection:
        counted = tallies(connection, lake, product, first).pl().to_dicts()
    for day in days:
        write_rows(lake, "tallies", day, [{**row, "day": day} for row in counted])


def rows(lake: Lake, table: str, day: date = DAY) -> list[Row]:
    """A stored table-day in stored order."""
    return lake.frame(table, [day]).collect().to_dicts()


def _add(tables: dict[str, list[Row]], session: Session, whose: Row) -> None:
    places = [_place(word) for word in session.walk.split()]
    at = started = datetime.combine(whose["day"], datetime.min.time()) + timedelta(hours=session.hour)
    page = None
    for place, (step, dwell_s) in enumerate(places):
        following = places[place + 1][0] if place + 1 < len(places) else None
        page = step if step.startswith("/") else page
        tables["steps"].append(
            {**whose, "position": place + 1, "step": step, "entered_at": at, "repeats": 1, "next_step": following,
             "dwell_s": dwell_s if following else None}
        )  # fmt: skip
        tables["events"].append(
            {**whose, "event_id": f"{whose['session_id']}.{place}", "at": at, "step": step, "page": page,
             "event": "$pageview" if step == page else step, "source": "csv", "is_bot": False}
        )  # fmt: skip
        at += timedelta(seconds=dwell_s if following else 0)
    names = [step for step, _ in places]
    tables["sessions"].append(
        {**whose, **session.values, "started_at": started, "ended_at": at, "event_count": len(places), "goals": [],
         "duration_s": (at - started).total_seconds(), "step_count": len(places), "entry_step": (names or [None])[0],
         "exit_step": (names or [None])[-1], "events_before_day": 0, "new_user": False}
    )  # fmt: skip
    for number, (signal, step, element) in enumerate(session.signals):
        tables["frustration_signals"].append(
            {**whose, "signal": signal, "step": step, "element": element, "at": started + timedelta(seconds=number)}
        )
    if session.recorded:
        tables["recordings"].append({**whose, "started_at": started})


def _place(word: str) -> tuple[str, float]:
    step, colon, seconds = word.rpartition(":")
    return (step, float(seconds)) if colon and seconds.replace(".", "").isdigit() else (word, 10.0)
