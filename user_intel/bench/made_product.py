"""The made-up week that detect is measured on: a product as PostHog tells it, with segments, a flow and features.

`python -m user_intel.bench.made_product HOME EVENTS` makes it; a home that has it already is left as it is. The four
weeks before it are counts only: those of its first day, under other dates.
"""

from __future__ import annotations

import sys
from datetime import date
from pathlib import Path

import duckdb

from user_intel import files
from user_intel.days import day_range
from user_intel.detect.run import count_day
from user_intel.detect.window import history_days
from user_intel.journeys.build import build_journeys
from user_intel.journeys.transitions import transitions
from user_intel.lake import Lake
from user_intel.product import Product
from user_intel.tables import catalogue

FIRST_DAY = date(2026, 3, 2)
LAST_DAY = date(2026, 3, 8)
# The figures to reach are for a million events a day.
WEEK_EVENTS = 7_000_000
EVENTS_PER_SESSION = 10
# Two properties of three values each are six segments; what one more costs is measured too.
PRODUCT = Product(
    flows={"purchase": ["/step/0", "/step/1", "/step/2", "/checkout", "order_completed"]},
    features=["search_used", "export_used", "invite_sent", "item_shared"],
    segments=["plan", "device_type"],
)
WIDER = PRODUCT.model_copy(update={"segments": [*PRODUCT.segments, "country"]})


def make_week(home: Path, events: int) -> Lake:
    """A lake in `home` with about `events` events over the week, its journeys, and the counts of five weeks."""
    lake = Lake(home, catalogue(WIDER))
    week = list(day_range(FIRST_DAY, LAST_DAY))
    earlier = [day for day in history_days(WIDER, LAST_DAY) if day < FIRST_DAY]
    if len(lake.days("tallies")) == len(week) + len(earlier):
        return lake
    sessions = max(1, events // len(week) // EVENTS_PER_SESSION)
    for day_no, day in enumerate(week):
        _make_day(lake, day, day_no, sessions)
    for day in earlier:
        _repeat_first_day(lake, day)
    return lake


def _make_day(lake: Lake, day: date, day_no: int, sessions: int) -> None:
    made = {"day": day, "day_no": day_no, "sessions": sessions, "users": 2 * sessions}
    lake.write_day_with("events", day, lambda path: _write(path, made))
    build_journeys(lake, WIDER, day)
    with lake.connect() as connection:
        lake.write_day("transitions", day, transitions(lake.read(connection, "steps", [day])))
    count_day(lake, WIDER, day)


def _write(path: Path, made: dict[str, object]) -> None:
    with duckdb.connect() as connection:
        connection.execute(files.sql("bench/made_product_day"), {"path": str(path), **made})


def _repeat_first_day(lake: Lake, day: date) -> None:
    with lake.connect() as connection:
        counted = lake.read(connection, "tallies", [FIRST_DAY])
        on_day = duckdb.ConstantExpression(day).alias("day")
        lake.write_day("tallies", day, counted.project(on_day, duckdb.StarExpression(exclude=["day"])))


if __name__ == "__main__":
    make_week(Path(sys.argv[1]), int(sys.argv[2]))
