"""Funnels counted the slow way: one unit after another, one visit after another, in plain Python."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from datetime import timedelta
from itertools import islice, takewhile
from statistics import median
from typing import Any

from user_intel.detect.flows import Flow
from user_intel_tests.detect.walks import Visit

Figures = dict[tuple[str, int], dict[str, Any]]


def told(visits: Sequence[Visit], flow: Flow, segments: Mapping[str, Sequence[str]] | None = None) -> Figures:
    """By segment and position: entered, converted, overall_conversion, median_time_s."""
    by_user = flow.options.unit == "user"
    units: dict[str, list[Visit]] = defaultdict(list)
    for visit in visits:
        units[visit.user if by_user else visit.session].append(visit)
    kept = []
    for members in units.values():
        in_order = sorted(members, key=lambda v: (v.at, v.position) if by_user else v.position)
        if attempts := list(_attempts(_until_excluded(in_order, flow), flow)):
            kept.append(max(attempts, key=len))
    figures = _figures(kept, flow, "all", "", "")
    for name, values in (segments or {}).items():
        for value in values:
            figures |= _figures(kept, flow, f"{name}={value}", name, value)
    return figures


def deepest_of_all(visits: Sequence[Visit], flow: Flow) -> int:
    """How far one unit comes by whatever choice of visits: every choice of one visit a step is looked at."""
    within = timedelta(days=flow.options.window_days) if flow.options.unit == "user" else timedelta.max

    def deepest(place: int, after: int, start: Visit | None) -> int:
        if place == len(flow.steps):
            return place
        tries = [
            deepest(place + 1, row, start or visit)
            for row, visit in enumerate(visits)
            if row > after and visit.step == flow.steps[place] and (start is None or visit.at - start.at <= within)
        ]
        return max(tries, default=place)

    return deepest(0, -1, None)


def _until_excluded(visits: Sequence[Visit], flow: Flow) -> list[Visit]:
    rows = [row for row, visit in enumerate(visits) if visit.step in flow.options.exclude]
    return list(visits[: min(rows, default=len(visits))])


def _attempts(visits: Sequence[Visit], flow: Flow) -> Iterator[list[Visit]]:
    within = timedelta(days=flow.options.window_days) if flow.options.unit == "user" else timedelta.max
    unordered = flow.options.order == "unordered"
    for row, start in enumerate(visits):
        if start.step not in (flow.steps if unordered else flow.steps[:1]):
            continue
        last = start.at + within if within < timedelta.max else visits[-1].at
        rest = list(takewhile(lambda visit, last=last: visit.at <= last, islice(visits, row, None)))
        if unordered:
            yield _of_any_order(rest, flow)
        else:
            yield _strictly(rest, flow) if flow.options.order == "strict" else _in_order(rest, flow)


def _of_any_order(visits: Sequence[Visit], flow: Flow) -> list[Visit]:
    first: dict[str, Visit] = {}
    for visit in visits:
        if visit.step in flow.steps:
            first.setdefault(visit.step, visit)
    return list(first.values())


def _strictly(visits: Sequence[Visit], flow: Flow) -> list[Visit]:
    matched: list[Visit] = []
    for visit, step in zip(visits, flow.steps, strict=False):
        if visit.step != step:
            break
        matched.append(visit)
    return matched


def _in_order(visits: Sequence[Visit], flow: Flow) -> list[Visit]:
    matched: list[Visit] = []
    for visit in visits:
        if len(matched) < len(flow.steps) and visit.step == flow.steps[len(matched)]:
            matched.append(visit)
    return matched


def _figures(kept: list[list[Visit]], flow: Flow, segment: str, name: str, value: str) -> Figures:
    def counts(matched: list[Visit], place: int) -> bool:
        touched = {"first_touch": 0, "last_touch": -1, "each_step": place}[flow.options.breakdown]
        return not name or matched[touched].values.get(name) == value

    figures: Figures = {}
    starts = [m for m in kept if counts(m, 0)]
    for place in range(len(flow.steps)):
        came = [m for m in kept if len(m) > place and counts(m, place)]
        onward = [m for m in came if len(m) > place + 1]
        last = place == len(flow.steps) - 1
        times = [(m[place + 1].at - m[place].at).total_seconds() for m in onward]
        figures[segment, place + 1] = {
            "entered": len(came),
            "converted": None if last else len(onward),
            "overall_conversion": sum(len(m) > place for m in starts) / len(starts) if starts else None,
            "median_time_s": median(times) if times else None,
        }
    return figures
