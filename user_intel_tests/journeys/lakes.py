"""Small lakes of hand-written events, and the stored rows read back as dictionaries."""

from __future__ import annotations

from collections import defaultdict
from datetime import date
from pathlib import Path
from typing import Any

import polars as pl

from user_intel.days import day_of
from user_intel.lake import Lake
from user_intel.product import Product
from user_intel.tables import EVENTS, catalogue
from user_intel_tests.journeys.told_slowly import Event

_TYPES = {"DATE": pl.Date, "VARCHAR": pl.String, "TIMESTAMP": pl.Datetime("us"), "BOOLEAN": pl.Boolean}
SCHEMA = {column.name: _TYPES[column.type] for column in EVENTS.columns}


def lake_of(home: Path, product: Product, events: list[Event]) -> Lake:
    """A lake holding `events`, each on its day."""
    lake = Lake(home, catalogue(product), threads=2)
    days: dict[date, list[Event]] = defaultdict(list)
    for event in events:
        days[day_of(event.at, product.zone)].append(event)
    for day, members in days.items():
        add_day(lake, day, members)
    return lake


def add_day(lake: Lake, day: date, events: list[Event]) -> None:
    """Writes one day of events."""
    frame = pl.DataFrame([_row(event, day) for event in events], schema=SCHEMA)
    with lake.connect() as connection:
        connection.register("given", frame)
        lake.write_day("events", day, connection.table("given"))


def rows(lake: Lake, table: str, day: date) -> list[dict[str, Any]]:
    """A stored table-day in stored order."""
    return lake.frame(table, [day]).collect().to_dicts()


def _row(event: Event, day: date) -> dict[str, Any]:
    known = {
        name: getattr(event, name)
        for name in ("event_id", "user_id", "session_id", "at", "step", "is_bot", "page", "properties")
    }
    return {"day": day, "event": event.event or event.step or "$autocapture", "source": "csv", **known, **event.columns}
