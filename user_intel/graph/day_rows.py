"""What of a day goes into the graph, read from the lake in pieces: never a whole day as Python objects.

Belongs here: which sessions have their chains loaded (the depth), and rows as the Cypher of `cypher/load/` takes them.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import date
from functools import reduce

import duckdb

from user_intel import files
from user_intel.detect.met import meet_pain_points
from user_intel.graph.connection import Row
from user_intel.lake import Connection, Lake, Relation
from user_intel.product import Chains, Product

# DuckDB's share of the client's memory; it spills beyond.
_MEMORY = "200MB"
# Visits that are put together at a time, and visits (or other rows) that one transaction makes.
_PART_VISITS = 200_000
BATCH = 4_000
_BATCH_SESSIONS = 2_000


@dataclass(frozen=True)
class Totals:
    """The day in figures. `lake_*` are of all its sessions; `walks` are sessions loaded that visited a step."""

    lake_sessions: int
    lake_users: int
    lake_visits: int
    sessions: int
    users: int
    walks: int
    visits: int


@dataclass(frozen=True)
class DayRows:
    """A day opened for loading. `chains` says which sessions it loads visit by visit."""

    connection: Connection
    day: date
    chains: str

    def totals(self) -> Totals:
        """How much there is."""
        return Totals(*self._rows("day_totals").fetchall()[0])

    def step_days(self) -> list[Row]:
        """One row per step of the day."""
        return [{"key": self._key(row["step"]), **row} for row in _named(self._rows("step_days"))]

    def transitions(self) -> Iterator[list[Row]]:
        """One row per pair of steps, in batches."""
        found = self._rows("day_transitions")
        while rows := _named(found, BATCH):
            for row in rows:
                row["from_key"], row["to_key"] = self._key(row.pop("from_step")), self._key(row.pop("to_step"))
            yield rows

    def chain_batches(self) -> Iterator[tuple[list[str], list[Row]]]:
        """Sessions with their visits, in batches: the names of the steps visited, and a row per session."""
        parts = self.connection.table("chosen_sessions").aggregate("coalesce(max(part), -1)").fetchall()[0][0]
        for part in range(parts + 1):
            with self.connection.cursor() as cursor:
                found = cursor.execute(files.sql("graph/chains"), {"part": part})
                waiting: list[Row] = []
                visits = 0
                while rows := _named(found, 200):
                    for row in rows:
                        waiting.append(row)
                        visits += len(row["steps"])
                        if visits >= BATCH or len(waiting) >= _BATCH_SESSIONS:
                            yield _numbered(waiting)
                            waiting, visits = [], 0
                if waiting:
                    yield _numbered(waiting)

    def hits(self) -> Iterator[list[Row]]:
        """One row per session loaded and pain point it met, in batches."""
        found = self._rows("chosen_hits")
        while rows := _named(found, BATCH):
            yield rows

    def _key(self, step: str) -> str:
        return f"{self.day.isoformat()} {step}"

    def _rows(self, name: str) -> Connection:
        return self.connection.cursor().execute(files.sql(f"graph/{name}"))


@contextmanager
def open_day(lake: Lake, product: Product, day: date, *, with_chains: bool) -> Iterator[DayRows]:
    """Opens a day of the lake; without chains it has what is counted only, as a day older than the window."""
    with replace(lake, memory_limit=_MEMORY).connect() as connection:
        connection.execute(files.sql("graph/names"))
        for table in ("sessions", "steps", "transitions"):
            lake.read(connection, table, [day]).create_view(f"day_{table}")
        lake.read(connection, "frustration_signals", [day]).create_view("day_signals")
        _session_properties(lake.read(connection, "sessions", [day]), product.segments).create_view(
            "session_properties"
        )
        connection.execute(files.sql("graph/session_values"), {"most": product.thresholds.max_segment_values})
        meet_pain_points(connection, lake, product, day)
        connection.execute(
            files.sql("graph/chosen_sessions"),
            {
                "buckets": buckets(product.graph) if with_chains else 0,
                "friction": product.graph.chains == "friction",
                "part_visits": _PART_VISITS,
            },
        )
        yield DayRows(connection, day, product.graph.chains)


def buckets(choices: Chains) -> int:
    """How many of the 1,000 buckets of sessions are loaded."""
    return round(1000 * choices.sample_share) if choices.chains == "sample" else 1000


def _session_properties(sessions: Relation, properties: list[str]) -> Relation:
    """One row per session and segment property: session_id, property, value."""
    identity = duckdb.ColumnExpression("session_id")
    each = [
        sessions.project(
            identity,
            duckdb.ConstantExpression(name).alias("property"),
            duckdb.ColumnExpression(name).alias("value"),
        )
        for name in properties or ("",)
        if name
    ]
    nothing = duckdb.ConstantExpression(None).cast("VARCHAR")
    none = sessions.project(identity, nothing.alias("property"), nothing.alias("value")).limit(0)
    return reduce(Relation.union, each, none)


def _named(found: Connection, rows: int | None = None) -> list[Row]:
    names = [column[0] for column in found.description or ()]
    taken = found.fetchall() if rows is None else found.fetchmany(rows)
    return [dict(zip(names, row, strict=True)) for row in taken]


def _numbered(sessions: list[Row]) -> tuple[list[str], list[Row]]:
    """The sessions, their steps as places in a list of names: a name is sent once a batch, and looked up once."""
    places: dict[str, int] = {}
    for session in sessions:
        seen: Counter[str] = Counter()
        session["nth"] = []
        for step in session["steps"]:
            seen[step] += 1
            session["nth"].append(seen[step])
        session["steps"] = [places.setdefault(step, len(places)) for step in session["steps"]]
    return list(places), sessions
