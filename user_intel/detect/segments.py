"""Which segments every detector is cut by: `all`, and each value of a configured property that enough people have.

A value speaks when at least `min_users` users and `min_segment_share` of all users have it, and another value of its
property speaks too: what everybody has in common divides nobody. At most `max_segment_values` values of a property
speak, the most common ones. What does not speak is named with its reason, so that nothing is left out in silence.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import groupby, islice

from user_intel import files
from user_intel.lake import Connection, Relation
from user_intel.product import Product, Thresholds

ALL = "all"
# The number of a segment is one byte in the largest tables there are.
MOST_SEGMENTS = 250


@dataclass(frozen=True)
class Segments:
    """The values that speak by property, and why others do not."""

    speaking: dict[str, list[str]]
    reasons: dict[str, str]

    @property
    def names(self) -> list[str]:
        """`all`, then property=value."""
        return [ALL, *(f"{name}={value}" for name, values in self.speaking.items() for value in values)]


def session_segments(
    connection: Connection, product: Product, sessions: Relation, *, counts_all: bool = False
) -> Segments:
    """Makes the tables session_segments and segment_names in `connection`, and returns what speaks.

    Reads session_people (one row per session that counts); `sessions` has a column for each property. With `counts_all`
    every value speaks, the most common `max_segment_values` of each property: what too few have on one day, enough may
    have in a week.
    """
    if not product.segments:
        connection.execute(files.sql("detect/session_everybody"))
        return _named(connection, Segments({}, {}))
    sessions.create_view("all_properties", replace=True)
    connection.execute(files.sql("detect/all_session_properties"))
    wanted = connection.table("all_session_properties").project("session", "user_no", *_columns(product))
    wanted.create_view("session_properties", replace=True)
    found = connection.execute(files.sql("detect/segment_values")).fetchall()
    everybody = int(connection.table("session_people").aggregate("count(distinct user_no)").fetchall()[0][0])
    limits = product.thresholds
    segments = most_common(found, limits) if counts_all else speaking(found, product.segments, everybody, limits)
    _named(connection, segments)
    connection.execute(files.sql("detect/session_segments"))
    return segments


def speaking(
    found: Iterable[tuple[str, str, int]], properties: Iterable[str], everybody: int, limits: Thresholds
) -> Segments:
    """The values that speak, given (property, value, users) sorted by property and falling users."""
    least = max(limits.min_users, limits.min_segment_share * everybody)
    by_property = {name: list(rows) for name, rows in groupby(found, key=lambda row: row[0])}
    chosen: dict[str, list[str]] = {}
    reasons: dict[str, str] = {}
    room = MOST_SEGMENTS
    for name in properties:
        values = by_property.get(name, [])
        enough = [value for _, value, users in values if users >= least][: min(limits.max_segment_values, room)]
        if len(enough) < 2:
            reasons[name] = _why_silent(len(values), len(enough), least)
            continue
        chosen[name] = enough
        room -= len(enough)
        if len(values) > len(enough):
            reasons[name] = f"{len(values) - len(enough)} of {len(values)} values are left out: too few users"
    return Segments(chosen, reasons)


def most_common(found: Iterable[tuple[str, str, int]], limits: Thresholds) -> Segments:
    """The most common values of each property, given (property, value, users) sorted by property and falling users."""
    chosen: dict[str, list[str]] = {}
    room = MOST_SEGMENTS
    for name, rows in groupby(found, key=lambda row: row[0]):
        values = [value for _, value, _ in islice(rows, min(limits.max_segment_values, room))]
        if values:
            chosen[name] = values
            room -= len(values)
    return Segments(chosen, {})


def _why_silent(values: int, enough: int, least: float) -> str:
    if not values:
        return "no session has a value"
    if values == 1:
        return "every session has the same value"
    return f"{enough} of {values} values have at least {least:.0f} users; two are needed to compare"


def _named(connection: Connection, segments: Segments) -> Segments:
    rows = [(number, name) for number, name in enumerate(segments.names)]
    pairs = [("", ""), *((name, value) for name, values in segments.speaking.items() for value in values)]
    numbers = [number for number, _ in rows]
    parameters = {
        "numbers": numbers,
        "names": [name for _, name in rows],
        "properties": [name for name, _ in pairs],
        "values": [value for _, value in pairs],
    }
    connection.execute(files.sql("detect/segment_names"), parameters)
    connection.execute(files.sql("detect/speaking_values"))
    return segments


def _columns(product: Product) -> list[str]:
    return ['"' + name.replace('"', '""') + '"' for name in product.segments]
