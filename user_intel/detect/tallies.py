"""What one day's sessions did, counted by metric, subject and segment: `tallies`.

Counts add up over days, rates do not. So each day is counted once, and a window, its baseline and any other range of
days are sums of small rows: thirty-five days of history cost no more than their thirty-five small files.
Only what happened is a row: a step nobody left has no hits, an element nobody raged at has no row.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from functools import reduce

import duckdb

from user_intel import files
from user_intel.detect.frustration_signals import form_sessions
from user_intel.detect.loops import find_loops
from user_intel.detect.window import Window, open_window
from user_intel.lake import Connection, Lake, Relation
from user_intel.product import Product

_FROM_SESSIONS = ("tally_sessions", "tally_steps", "tally_loops", "tally_signals", "tally_forms")
_FROM_EVENTS = ("tally_events", "tally_day")


def tallies(connection: Connection, lake: Lake, product: Product, day: date) -> Relation:
    """One row per metric, subject, step and segment of `day`, with the columns of `tables.TALLIES`.

    Reads sessions, steps, events, recordings and frustration_signals of the day. A day without sessions counts
    nothing but itself.
    """
    window = open_window(connection, lake, product, [day], counts_all=True)
    lake.read(connection, "frustration_signals", [day]).create_view("day_signals", replace=True)
    lake.read(connection, "events", [day]).create_view("day_events", replace=True)
    lake.read(connection, "recordings", [day]).create_view("day_recordings", replace=True)
    form_sessions(lake, product, day, connection).create_view("day_forms", replace=True)
    find_loops(window)
    counted = reduce(lambda left, right: left.union(right), _counts(window))
    day_column = duckdb.ConstantExpression(day).alias("day")
    return counted.project(day_column, duckdb.StarExpression())


def _counts(window: Window) -> Iterator[Relation]:
    connection, features = window.connection, window.product.features
    for name in (*_FROM_SESSIONS, *_FROM_EVENTS):
        yield connection.query(files.sql(f"detect/{name}"))
    if features:
        yield connection.query(files.sql("detect/tally_features"), params={"features": features})
