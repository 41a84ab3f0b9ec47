"""A day's findings as a face shows them: pain points in order of severity, and what could not be said.

Reads what the stage wrote; nothing is judged here. How it is said in words is `wording`.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from user_intel.detect import wording
from user_intel.detect.wording import PainPoint
from user_intel.lake import Lake

# Reasons for silence that are no lack of data: people rightly leave there, the product says to look away, all is well.
BY_DESIGN = ("goal", "final_step", "ignored", "recorded_as_usual")
TOP_COLUMNS = ("kind", "what", "segment", "value", "expected", "sessions", "users", "priority", "severity")


@dataclass(frozen=True)
class Unsaid:
    """How many of a table's rows about everybody say nothing, and for which reasons."""

    table: str
    rows: int
    reasons: dict[str, int]


def ranked_pain_points(lake: Lake, day: date) -> list[PainPoint]:
    """The pain points of a day, the most severe first."""
    with lake.connect() as connection:
        relation = lake.read(connection, "pain_points", [day])
        rows = [dict(zip(relation.columns, row, strict=True)) for row in relation.fetchall()]
    found = [PainPoint(**{**row, "facts": json.loads(row["facts"])}) for row in rows]
    return sorted(found, key=lambda each: (-(each.severity or 0.0), each.priority, each.pain_point_id))


def by_kind(found: Iterable[PainPoint]) -> dict[str, int]:
    """How many pain points there are of every kind, none included."""
    counted = Counter(each.kind for each in found)
    return {kind: counted[kind] for kind in wording.KINDS}


def top_row(pain_point: PainPoint) -> tuple[object, ...]:
    """The cells of TOP_COLUMNS."""
    value, expected = wording.measures(pain_point)
    return (
        pain_point.kind, ", ".join(pain_point.subjects), pain_point.segment, value, expected, pain_point.sessions,
        pain_point.users, pain_point.priority, pain_point.severity,
    )  # fmt: skip


def unsaid(lake: Lake, table: str, day: date, segment: str | None = None) -> Unsaid:
    """Why rows of a detector's table say nothing, over all its segments or one of them. Nothing where it gives none."""
    columns = lake.table(table).column_names
    if "reason" not in columns:
        return Unsaid(table, 0, {})
    with lake.connect() as connection:
        rows = lake.read(connection, table, [day])
        cells = rows.project(", ".join(["reason", "segment" if "segment" in columns else "'all'"])).fetchall()
    wanted = [reason for reason, name in cells if segment in (None, name)]
    reasons = Counter(reason for reason in wanted if reason is not None)
    return Unsaid(table, len(wanted), dict(reasons.most_common()))


def silent_segments(lake: Lake, day: date, properties: Sequence[str]) -> list[str]:
    """Properties by which nothing was cut that day: their values had too few users, or all the same."""
    with lake.connect() as connection:
        rows = lake.read(connection, "drop_offs", [day]).project("segment").distinct().fetchall()
    spoken = {segment.partition("=")[0] for (segment,) in rows}
    return [name for name in properties if name not in spoken]


def days_of_history(lake: Lake, day: date, days: int) -> int:
    """How many of the `days` days that end at `day` were counted."""
    return sum(day - timedelta(days=days) < counted <= day for counted in lake.days("tallies"))


def as_json(pain_point: PainPoint) -> dict[str, Any]:
    """All columns, `facts` parsed, dates as text."""
    return {name: str(value) if isinstance(value, date) else value for name, value in vars(pain_point).items()}
