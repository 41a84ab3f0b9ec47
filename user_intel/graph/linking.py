"""Pain points and insights in the graph: what steps they concern, and which sessions of the day met them.

Who met a problem is detect's to say (`evidence`): it is asked here for the one day, in the segment and by the
expectation that detect found. A feature that is not used and an anomaly are met by nobody in particular.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from math import exp

from user_intel import files
from user_intel.detect import summary
from user_intel.detect.evidence import gather
from user_intel.detect.found_again import as_problem
from user_intel.detect.history import History, Key
from user_intel.detect.loops import find_loops
from user_intel.detect.scene import Scene
from user_intel.detect.window import open_window, window_days
from user_intel.detect.wording import PainPoint
from user_intel.graph.claims import Claim
from user_intel.lake import Connection, Lake
from user_intel.product import Product

_MET_BY_NOBODY = ("anomaly", "underused_feature")
# What of a pain point is another on another day.
_OF_THE_DAY = (
    "flow", "metric", "value", "expected", "low", "high", "sessions", "users", "q_value", "lost_conversions",
    "lost_usd", "severity", "priority", "first_day", "last_day", "days_seen", "trend",
)  # fmt: skip
_ROWS = 500


@dataclass(frozen=True)
class _Asked:
    metric: str
    key: Key
    first: date
    last: date
    expected: float


def meet_pain_points(connection: Connection, lake: Lake, product: Product, day: date) -> None:
    """Makes the table pain_point_sessions: one row per pain point of `day` and session of that day that met it."""
    connection.execute(files.sql("graph/no_pain_point_sessions"))
    found = [each for each in summary.ranked_pain_points(lake, day) if each.kind not in _MET_BY_NOBODY]
    if not found:
        return
    window = open_window(connection, lake, product, [day], counts_all=True)
    find_loops(window)
    lake.read(connection, "frustration_signals", [day]).create_view("window_signals", replace=True)
    counted = lake.frame("tallies", window_days(product, day)).collect()
    history = History(counted)
    scene = Scene(lake, product, day, window, history, [], {})
    told = [each for each in found if each.segment in window.segments.names]
    gather(scene, [_asked(each, window_days(product, day), history) for each in told])
    ids = [each.pain_point_id for each in told]
    connection.execute(files.sql("graph/pain_point_sessions"), {"ids": ids})


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


def link_insights(claim: Claim, lake: Lake, day: date) -> int:
    """Links the insights of `day` to the pain points they are about, if the lake has a table of them; how many."""
    if "insights" not in lake.tables:
        return 0
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
    if found.kind in _MET_BY_NOBODY:
        return [name for name in dict.fromkeys(found.subjects) if name in steps]
    return [found.subjects[-1]]


def _asked(found: PainPoint, days: Sequence[date], history: History) -> _Asked:
    metric, key, first, last = as_problem(found, days)
    return _Asked(metric, key, first, last, _expected(found, key, (first, last), history))


def _expected(found: PainPoint, key: Key, days: tuple[date, date], history: History) -> float:
    """What was expected, in detect's own measure: of a slow step the geometric mean, where people are told a median."""
    series = history.series("dwell")
    row = series.index().get(key)
    if found.kind != "slow_step" or row is None or not found.value:
        return found.expected
    there = [place for place, day in enumerate(series.days) if days[0] <= day <= days[1]]
    units, total = (float(array[row, there].sum()) for array in (series.units, series.total))
    return found.expected * exp(total / units) / found.value if units else found.expected
