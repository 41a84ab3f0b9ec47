"""What tickets are made of: a day's insights, each with the pain point it explains.

Every text and name in a case was made readable: nothing in it hides, steers or marks up.
"""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from datetime import date

import duckdb

from user_intel.detect.summary import ranked_pain_points
from user_intel.detect.wording import PainPoint
from user_intel.explain.untrusted import made_readable
from user_intel.lake import Lake


@dataclass(frozen=True)
class Insight:
    """One row of `insights`: its texts, and how they came to be."""

    insight_id: str
    pain_point_id: str
    title: str
    problem: str
    why_it_matters: str
    hypothesis: str
    recommendation: str
    verification: str
    quiet: bool
    grounded: bool
    provider: str
    model: str


@dataclass(frozen=True)
class Case:
    """An insight and its pain point, on one day."""

    insight: Insight
    found: PainPoint

    @property
    def insight_id(self) -> str:
        """What decisions go by."""
        return self.insight.insight_id

    @property
    def pain_point_id(self) -> str:
        """What tickets go by."""
        return self.insight.pain_point_id


def cases_of(lake: Lake, day: date) -> list[Case]:
    """The day's cases in the order of its feed. An insight whose pain point the day no longer has is left out."""
    names = [field.name for field in dataclasses.fields(Insight)]
    with lake.connect() as connection:
        rows = lake.read(connection, "insights", [day]).sort("place", "insight_id")
        insights = [Insight(*row) for row in rows.project(*map(duckdb.ColumnExpression, names)).fetchall()]
    problems = {each.pain_point_id: _readable(each) for each in ranked_pain_points(lake, day)}
    return [Case(each, problems[each.pain_point_id]) for each in insights if each.pain_point_id in problems]


def _readable(found: PainPoint) -> PainPoint:
    named = {name: made_readable(getattr(found, name)) for name in ("subject", "subjects", "segment", "facts")}
    flow = made_readable(found.flow) if found.flow else None
    return dataclasses.replace(found, flow=flow, **named)
