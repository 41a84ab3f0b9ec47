"""Pain points and insights in the graph: what steps they concern. Which sessions met them is told by detect (`met`)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from user_intel.detect import summary
from user_intel.detect.met import MET_BY_NOBODY
from user_intel.detect.wording import PainPoint
from user_intel.graph.claims import Claim, writing
from user_intel.graph.connection import Graph
from user_intel.lake import Lake

# What of a pain point is another on another day.
_OF_THE_DAY = (
    "flow", "metric", "value", "expected", "low", "high", "sessions", "users", "q_value", "lost_conversions",
    "lost_usd", "severity", "priority", "first_day", "last_day", "days_seen", "trend",
)  # fmt: skip
_ROWS = 500


def link_pain_points(claim: Claim, lake: Lake, day: date, steps: Sequence[str]) -> int:
    """Links the pain points of `day` to their steps; returns how many there are. `steps`: those of the day."""
    found = summary.ranked_pain_points(lake, day)
    rows = [
        {
            "pain_point_id": each.pain_point_id,
            "kind": each.kind,
            "subject": each.subject,
            "subjects": list(each.subjects),
            "segment": each.segment,
            "seen": {name: getattr(each, name) for name in _OF_THE_DAY},
            "steps": _steps_of(each, set(steps)),
        }
        for each in sorted(found, key=lambda each: each.pain_point_id)
    ]
    for first in range(0, len(rows), _ROWS):
        claim.write("load/pain_points", day=day, rows=rows[first : first + _ROWS])
    return len(rows)


def link_days_insights(lake: Lake, graph: Graph, days: Sequence[date]) -> dict[date, int]:
    """Replaces the links of the insights of `days`, which are written after the graph was loaded; how many a day.

    Raises GraphError as loading does. A day that the graph does not hold gets none.
    """
    linked = {}
    for day in sorted(days):
        with writing(lake.home, graph) as claim:
            claim.write("prune/about", day=day)
            linked[day] = link_insights(claim, lake, day)
            claim.write("prune/insights")
    return linked


def link_insights(claim: Claim, lake: Lake, day: date) -> int:
    """Links the insights of `day`, of which none may be linked yet, to the pain points they are about; how many."""
    with lake.connect() as connection:
        told = lake.read(connection, "insights", [day]).project("insight_id, pain_point_id, title")
        rows = [dict(zip(told.columns, row, strict=True)) for row in sorted(told.fetchall(), key=str)]
    made = 0
    for first in range(0, len(rows), _ROWS):
        made += claim.write("load/insights", day=day, rows=rows[first : first + _ROWS])[0]["made"]
    return made


def _steps_of(found: PainPoint, steps: set[str]) -> list[str]:
    """The steps a pain point concerns. What it names besides (an element, a metric) is no step unless it is visited."""
    if found.kind == "loop":
        return list(dict.fromkeys(found.subjects))
    if found.kind in MET_BY_NOBODY:
        return [name for name in dict.fromkeys(found.subjects) if name in steps]
    return [found.subjects[-1]]
