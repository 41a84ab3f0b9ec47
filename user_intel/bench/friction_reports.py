"""What is judged: a `Report` is one row of `pain_points`, or what a rule baseline would have raised, on one day."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from datetime import date
from typing import TYPE_CHECKING

from user_intel.simulate.friction.planting import Truth

if TYPE_CHECKING:
    from user_intel.lake import Lake

OURS = "user_intel"


@dataclass(frozen=True)
class Also:
    """The same friction as another detector saw it, merged into a report (`also` in its facts)."""

    kind: str
    subject: str
    segment: str = "all"


@dataclass(frozen=True)
class Report:
    """One problem as reported on one day. `id` stays the same over days."""

    id: str
    kind: str
    subject: str
    subjects: tuple[str, ...]
    segment: str
    day: date
    value: float | None = None
    expected: float | None = None
    q_value: float | None = None
    also: tuple[Also, ...] = ()


@dataclass(frozen=True)
class Judged:
    """A world, and what each detector reported of it. `seconds` is what our own detectors took."""

    seed: int
    clean: bool
    days: tuple[date, ...]
    outage: date | None
    truths: tuple[Truth, ...]
    reports: dict[str, list[Report]] = field(default_factory=dict)
    seconds: float = 0.0

    @property
    def weeks(self) -> float:
        """How long it was watched."""
        return len(self.days) / 7


def read_reports(lake: Lake, day: date) -> list[Report]:
    """The day's `pain_points` as they stand in the lake."""
    rows = lake.frame("pain_points", [day]).collect().iter_rows(named=True)
    return [
        Report(
            id=row["pain_point_id"],
            kind=row["kind"],
            subject=row["subject"],
            subjects=tuple(row["subjects"] or ()),
            segment=row["segment"],
            day=day,
            value=row["value"],
            expected=row["expected"],
            q_value=row["q_value"],
            also=_also(row["facts"]),
        )
        for row in rows
    ]


def _also(facts: str | None) -> tuple[Also, ...]:
    found = json.loads(facts or "{}").get("also") or []
    return tuple(Also(each["kind"], each["subject"], each.get("segment") or "all") for each in found)
