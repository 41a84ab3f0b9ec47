"""`user_features` in plain Python, a session at a time: the same definitions, none of the SQL."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Sequence
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from math import exp, log, log2
from statistics import fmean, median, stdev
from typing import Any

from user_intel.days import day_bounds
from user_intel.lake import Lake
from user_intel.product import Product
from user_intel.segment.features import OTHER_STEPS

Row = dict[str, Any]
WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
SIGNALS = ("rage_click", "dead_click", "slow_click", "error_click", "u_turn", "form_abandonment", "rapid_exit")


def told_slowly(lake: Lake, product: Product, day: date) -> dict[str, Row]:
    """The row of every user, by user_id, without day and numeric properties. Flows are those of product.yaml."""
    days = [day - timedelta(days=back) for back in range(product.clusters.window_days)]
    read = {
        table: lake.frame(table, days).collect().to_dicts() for table in ("sessions", "steps", "frustration_signals")
    }
    robots = _robots(read["steps"], product)
    kept = _kept_steps(read["steps"], robots, product.clusters.max_steps)
    visits = _grouped([v for v in read["steps"] if (v["day"], v["user_id"]) not in robots], "session_id")
    signals = _grouped(read["frustration_signals"], "session_id")
    people = _grouped([s for s in read["sessions"] if (s["day"], s["user_id"]) not in robots], "user_id")
    ends_at = day_bounds(day, product.zone)[1]
    return {
        user: _told(sorted(sessions, key=lambda s: (s["started_at"], s["session_id"])), visits, signals, kept, ends_at,
                    product)
        for user, sessions in people.items()
    }  # fmt: skip


def _robots(steps: Sequence[Row], product: Product) -> set[tuple[date, str]]:
    limits = product.thresholds
    by_day: dict[date, dict[str, list[Row]]] = defaultdict(lambda: defaultdict(list))
    for visit in steps:
        by_day[visit["day"]][visit["user_id"]].append(visit)
    found = set()
    for day, users in by_day.items():
        fast = {user for user, visits in users.items() if _is_fast(visits, limits.robot_visits, limits.robot_pace_s)}
        if len(fast) <= max(1, 0.1 * len(users)):
            found |= {(day, user) for user in fast}
    return found


def _is_fast(visits: Sequence[Row], least: int, pace_s: float) -> bool:
    dwells = [visit["dwell_s"] for visit in visits if visit["dwell_s"] is not None]
    return len(visits) >= least and bool(dwells) and median(dwells) < pace_s


def _kept_steps(steps: Sequence[Row], robots: set[tuple[date, str]], most: int) -> set[str]:
    machines = {(day, user) for day, user in robots}
    user_days = {(v["step"], v["day"], v["user_id"]) for v in steps if (v["day"], v["user_id"]) not in machines}
    counts = Counter(step for step, _, _ in user_days)
    return set(sorted(counts, key=lambda step: (-counts[step], step))[:most])


def _grouped(rows: Iterable[Row], by: str) -> dict[str, list[Row]]:
    found: dict[str, list[Row]] = defaultdict(list)
    for row in rows:
        found[row[by]].append(row)
    return found


def _told(
    sessions: Sequence[Row],
    visits: dict[str, list[Row]],
    signals: dict[str, list[Row]],
    kept: set[str],
    ends_at: datetime,
    product: Product,
) -> Row:
    walks = [sorted(visits.get(s["session_id"], []), key=lambda v: v["position"]) for s in sessions]
    names = [[visit["step"] for visit in walk] for walk in walks]
    row = _rhythm(sessions, ends_at, product) | _size(sessions, walks) | _breadth(names)
    count = len(sessions)

    def of_sessions(is_one: Callable[[int], bool]) -> float:
        return sum(map(is_one, range(count))) / count

    for signal in SIGNALS:
        met = [signal in {each["signal"] for each in signals.get(s["session_id"], [])} for s in sessions]
        row[f"{signal}_share"] = sum(met) / count
    row["loop_share"] = of_sessions(lambda n: _loops(names[n], product.thresholds.loop_rounds))
    depths = {flow: [_depth(walk, steps) for walk in names] for flow, steps in product.flows.items()}
    done = [any(depths[flow][n] == len(product.flows[flow]) for flow in depths) for n in range(count)]
    row["goal_share"] = sum(done) / count if product.flows else None
    named = [[step if step in kept else OTHER_STEPS for step in walk] for walk in names]
    row["step_shares"] = _shares([step for walk in named for step in walk])
    row["entry_shares"] = {k: v / count for k, v in Counter(walk[0] for walk in named if walk).items()}
    row["exit_shares"] = {k: v / count for k, v in Counter(walk[-1] for walk in named if walk).items()}
    used = {name: of_sessions(lambda n, name=name: name in names[n]) for name in product.features}  # type: ignore[misc]
    row["feature_shares"] = {name: share for name, share in used.items() if share}
    return row | _flows(depths, product, count)


def _rhythm(sessions: Sequence[Row], ends_at: datetime, product: Product) -> Row:
    starts = [session["started_at"] for session in sessions]
    local = [start.replace(tzinfo=UTC).astimezone(product.zone) for start in starts]
    count = len(sessions)
    gaps = [_days(after - before) for before, after in pairwise(starts)]
    tenure = _days(ends_at - starts[0])

    def share(is_one: Callable[[datetime], bool]) -> float:
        return sum(map(is_one, local)) / count

    return {
        "sessions": count,
        "active_days": len({at.date() for at in local}),
        "tenure_days": tenure,
        "sessions_per_week": count / max(1, tenure / 7),
        "recency_days": max(0, _days(ends_at - max(session["ended_at"] for session in sessions))),
        "new_user": any(session["new_user"] for session in sessions),
        "median_gap_days": median(gaps) if gaps else None,
        "gap_variation": stdev(gaps) / fmean(gaps) if len(gaps) > 1 and sum(gaps) > 0 else None,
        "night_share": share(lambda at: at.hour < 6),
        "morning_share": share(lambda at: 6 <= at.hour < 12),
        "afternoon_share": share(lambda at: 12 <= at.hour < 18),
        "evening_share": share(lambda at: at.hour >= 18),
        "weekend_share": share(lambda at: at.weekday() >= 5),
        **{f"{name}_share": share(lambda at, n=n: at.weekday() == n) for n, name in enumerate(WEEKDAYS)},  # type: ignore[misc]
    }


def _days(length: timedelta) -> float:
    return length / timedelta(days=1)


def _size(sessions: Sequence[Row], walks: Sequence[Sequence[Row]]) -> Row:
    lengths = [session["duration_s"] for session in sessions]
    depths = [session["step_count"] for session in sessions]
    dwells = [visit["dwell_s"] for walk in walks for visit in walk if visit["dwell_s"] is not None]
    return {
        "visits": sum(map(len, walks)),
        "median_duration_s": median(lengths),
        "typical_duration_s": exp(fmean(log(max(length, 1)) for length in lengths)),
        "median_depth": median(depths),
        "mean_depth": fmean(depths),
        "events_per_session": fmean(session["event_count"] for session in sessions),
        "one_step_share": fmean(depth <= 1 for depth in depths),
        "typical_dwell_s": exp(fmean(log(max(dwell, 0.1)) for dwell in dwells)) if dwells else None,
    }


def _breadth(walks: Sequence[Sequence[str]]) -> Row:
    shares = _shares([step for walk in walks for step in walk])
    count = sum(map(len, walks))
    return {
        "distinct_steps": len(shares),
        "step_entropy_bits": -sum(p * log2(p) for p in shares.values()) if shares else None,
        "revisit_share": sum(len(walk) - len(set(walk)) for walk in walks) / count if count else None,
    }


def _shares(steps: Sequence[str]) -> dict[str, float]:
    return {step: count / len(steps) for step, count in Counter(steps).items()}


def _loops(walk: Sequence[str], rounds: int) -> bool:
    for length in (2, 3, 4):
        needed = rounds * length + 1
        for first in range(len(walk) - needed + 1):
            part = walk[first : first + needed]
            around = all(part[place] == part[place - length] for place in range(length, needed))
            if around and len(set(part[:length])) == length:
                return True
    return False


def _depth(walk: Sequence[str], flow: Sequence[str]) -> int:
    depth = 0
    for step in walk:
        if depth < len(flow) and step == flow[depth]:
            depth += 1
    return depth


def _flows(depths: dict[str, list[int]], product: Product, sessions: int) -> Row:
    entered = {flow: [depth for depth in found if depth] for flow, found in depths.items() if any(found)}
    length = {flow: len(steps) for flow, steps in product.flows.items()}
    return {
        "flow_entry_shares": {flow: len(found) / sessions for flow, found in entered.items()},
        "flow_progress": {flow: fmean(found) / length[flow] for flow, found in entered.items()},
        "flow_completion": {flow: fmean(d == length[flow] for d in found) for flow, found in entered.items()},
    }
