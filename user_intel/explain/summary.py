"""A day's insights and briefings as a face shows them, read from what the stage wrote; nothing is worked out here."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from user_intel.explain.rows import Row
from user_intel.explain.writing import OFFLINE
from user_intel.lake import Lake

# Columns that hold JSON.
_PARSED = ("facts", "claims", "refusals")
TOP_COLUMNS = ("place", "insight", "priority", "what", "what to change", "by")


@dataclass(frozen=True)
class Told:
    """One row of `insights`: what faces show of it; `row` holds all its columns, JSON parsed."""

    insight_id: str
    place: int
    kind: str
    priority: str
    severity: float | None
    title: str
    quiet_because: str | None
    row: Mapping[str, Any]

    @property
    def quiet(self) -> bool:
        """Whether feedback asked not to be told of it."""
        return bool(self.row["quiet"])

    @property
    def by(self) -> str:
        """Who wrote it: provider:model, or the offline narrator."""
        return who(self.row)


@dataclass(frozen=True)
class Briefing:
    """One row of `briefings`; `text` is Markdown."""

    day: date
    scope: str
    title: str
    text: str
    by: str


def told_insights(lake: Lake, day: date) -> list[Told]:
    """The insights of a day in the order of its feed."""
    return sorted((_told(row) for row in lake.rows("insights", day)), key=lambda each: each.place)


def told_personas(lake: Lake, day: date) -> dict[str, Row]:
    """The rows of `cluster_insights` of a day by persona; none where it was not explained."""
    return {row["cluster_key"]: row for row in lake.rows("cluster_insights", day)}


def briefing(lake: Lake, day: date, scope: str) -> Briefing | None:
    """A day's briefing of a scope (day or week); None where there is none."""
    found = [row for row in lake.rows("briefings", day) if row["scope"] == scope]
    return next((Briefing(day, scope, row["title"], row["text"], who(row)) for row in found), None)


def who(row: Mapping[str, Any]) -> str:
    """Who wrote a text: provider:model, or that it was the narrator, which is no model."""
    return "the offline narrator" if row["provider"] == OFFLINE else f"{row['provider']}:{row['model']}"


def written_by(rows: Iterable[Mapping[str, Any]]) -> str:
    """Who wrote texts, in a sentence; empty where there are none."""
    counted = Counter(who(row) for row in rows)
    if list(counted) == ["the offline narrator"]:
        return "told by the offline narrator: deterministic text from the facts, no model was asked"
    words = ", ".join(f"{count} by {name}" for name, count in counted.most_common())
    return f"written {words}" if words else ""


def top_row(told: Told) -> tuple[object, ...]:
    """The cells of TOP_COLUMNS."""
    return told.place, told.insight_id, told.priority, told.title, told.row["recommendation"], told.by


def as_json(told: Told) -> dict[str, Any]:
    """All columns, JSON parsed, dates as text."""
    return {name: str(value) if isinstance(value, date) else value for name, value in told.row.items()}


def _told(row: Mapping[str, Any]) -> Told:
    parsed = {name: json.loads(value) if name in _PARSED else value for name, value in row.items()}
    return Told(
        row["insight_id"], row["place"], row["kind"], row["priority"], row["severity"], row["title"],
        row["quiet_because"], parsed,
    )  # fmt: skip
