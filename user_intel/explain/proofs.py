"""Which query proves which fact, and with what parameters: anyone can run them on the lake's views.

`visits`: counted anew from steps, sessions and signals. `counts`: added up from the day's tallies. `results`: read from
the table of the stage that worked it out, where no query of a page could do the statistics again.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import date, timedelta

from user_intel.detect.window import MOST_ROBOTS
from user_intel.detect.wording import PainPoint
from user_intel.explain.facts import EVERYBODY, Depth, Source
from user_intel.product import Product

Days = tuple[date, date]
Parameter = str | int | float | None
# Facts that are columns of pain_points or follow from two of them.
_COLUMNS = {
    "value": "value", "expected": "expected", "low": "low", "high": "high", "times": "times", "points": "points",
    "sessions_hit": "sessions", "users_hit": "users", "lost_conversions": "lost_conversions", "lost_usd": "lost_usd",
    "first_day": "first_day", "last_day": "last_day", "days_seen": "days_seen", "trend": "trend", "kind": "kind",
    "steps": "steps",
    "severity": "severity", "window_first": "window_first", "window_last": "window_last", "window_days": "window_days",
}  # fmt: skip
# The query that counts a kind anew, how deep it goes, and which columns it gives.
_COUNTED: dict[str, tuple[str, Depth, tuple[str, ...]]] = {
    "drop_off": ("exits", "visits", ("value", "low", "high", "units", "sessions", "users")),
    "slow_step": ("dwells", "visits", ("value", "units")),
    "rage_click": ("signals", "visits", ("value", "low", "high", "units", "sessions", "users")),
    "dead_click": ("signals", "visits", ("value", "low", "high", "units", "sessions", "users")),
    "error_click": ("signals", "visits", ("value", "low", "high", "units", "sessions", "users")),
    "u_turn": ("signals", "visits", ("value", "low", "high", "units", "sessions", "users")),
    "rapid_exit": ("signals", "visits", ("value", "low", "high", "units", "sessions", "users")),
    "form_abandonment": ("tallied", "counts", ("value", "low", "high", "units")),
    "loop": ("tallied_loops", "counts", ("value", "low", "high", "units")),
}  # fmt: skip


def pain_point(found: PainPoint, fact_id: str) -> Source:
    """The proof of a fact as the table of pain points has it."""
    if fact_id in _COLUMNS:
        return Source("pain_point", _COLUMNS[fact_id], _named(found))
    return number(found, fact_id)


def number(found: PainPoint, fact_id: str) -> Source:
    """The proof of a number among the facts of a pain point."""
    return Source("pain_point_number", "value", {**_named(found), "fact_id": fact_id})


def also(found: PainPoint, place: int, column: str) -> Source:
    """The proof of what else was found and is taken for the same problem."""
    return Source("pain_point_also", column, {**_named(found), "place": place})


def measure(found: PainPoint, product: Product, days: Days) -> Callable[[str], Source]:
    """The deepest proof of each measure of a pain point, by the column of the query."""
    query, depth, columns = _COUNTED.get(found.kind, ("", "results", ()))
    names = {"sessions": "sessions_hit", "users": "users_hit"}

    def proof(column: str) -> Source:
        if column in columns:
            return Source(query, column, _counted(found, product, days, query), depth)
        return pain_point(found, names.get(column, column))

    return proof


def window(day: date, days: int) -> Source:
    """The proof of a number of days, and of the days themselves."""
    return Source("window", "window_days", {"day": str(day), "before": None, "window_days": days})


def people(product: Product, days: Days) -> Source:
    """The proof of how many users were active."""
    return Source("active_users", "users", {**_between(days), **_robots(product)}, "visits")


def conversions(found: PainPoint, product: Product, days: Days) -> Source:
    """The proof of how many sessions reached the goal of its flow; of a mined flow as detect tells."""
    steps = product.flows.get(found.flow or "")
    if not steps:
        return number(found, "conversions")
    known = {"steps": json.dumps(steps), "goal": steps[-1]}
    return Source("conversions", "conversions", {**known, **_between(days), **_robots(product)}, "visits")


def _named(found: PainPoint) -> dict[str, Parameter]:
    return {"day": str(found.day), "pain_point_id": found.pain_point_id}


def _between(days: Days) -> dict[str, Parameter]:
    return {"first_day": str(days[0]), "last_day": str(days[1])}


def _robots(product: Product) -> dict[str, Parameter]:
    limits = product.thresholds
    return {"robot_visits": limits.robot_visits, "robot_pace_s": limits.robot_pace_s, "robot_share": MOST_ROBOTS}


def _counted(found: PainPoint, product: Product, days: Days, query: str) -> dict[str, Parameter]:
    name, _, value = found.segment.partition("=")
    in_segment: dict[str, Parameter] = (
        {"property": None, "value": None} if found.segment == EVERYBODY else {"property": name, "value": value}
    )
    if query == "tallied":
        return {
            "metric": found.kind,
            "subject": found.subject,
            "step": found.place,
            "segment": found.segment,
            **_between(days),
        }
    if query == "tallied_loops":
        cycle = json.dumps(found.subjects, ensure_ascii=False, separators=(",", ":"))
        history = product.thresholds.window_days + product.thresholds.baseline_days
        first = found.day - timedelta(days=history - 1)
        return {"cycle": cycle, "segment": found.segment, "history_first": str(first), **_between(days)}
    told = {"step": found.subjects[-1], **in_segment, **_between(days), **_robots(product)}
    if query == "signals":
        is_click = found.kind.endswith("_click")
        return {**told, "signal": found.kind, "element": found.subject if is_click else None}
    return told
