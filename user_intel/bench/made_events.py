"""The made-up day that speed is measured on."""

from datetime import date
from pathlib import Path

import duckdb

from user_intel import files
from user_intel.lake import Lake
from user_intel.product import Product
from user_intel.tables import catalogue

DAY = date(2026, 3, 2)
PRODUCT = Product()
EVENTS_PER_SESSION = 10


def make_lake(home: Path, events: int) -> Lake:
    """A lake in `home` whose `events` hold about that many rows, all on `DAY`."""
    lake = Lake(home, catalogue(PRODUCT))
    sessions = max(1, events // EVENTS_PER_SESSION)
    lake.write_day_with("events", DAY, lambda path: _write(path, sessions))
    return lake


def _write(path: Path, sessions: int) -> None:
    made = {"path": str(path), "sessions": sessions, "users": max(1, sessions // 2), "day": DAY}
    with duckdb.connect() as connection:
        connection.execute(files.sql("bench/made_events"), made)
