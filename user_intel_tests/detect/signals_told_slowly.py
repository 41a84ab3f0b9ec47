"""Bursts of clicks and u-turns found by plain Python, one click and one visit at a time: slow, obvious, independent."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import combinations
from math import dist


@dataclass(frozen=True)
class Click:
    """One click: its session, the second it came, where, on what, and the pointer's place if that is known."""

    session: str
    second: float
    page: str | None
    element: str | None
    place: tuple[float, float] | None = None


def bursts(clicks: Iterable[Click], count: int = 4, within_s: float = 1.0, radius_px: float = 50.0) -> list[tuple]:
    """(session, page, element, first second, clicks) of every burst, sorted."""
    places: dict[tuple, list[Click]] = defaultdict(list)
    for click in clicks:
        if click.element is not None:
            places[click.session, click.page, click.element].append(click)
    found = []
    for (session, page, element), members in places.items():
        ordered = sorted(members, key=lambda click: click.second)
        for first, last in _stretches(ordered, count, within_s, radius_px):
            found.append((session, page, element, ordered[first].second, last - first + 1))
    return sorted(found, key=str)


def _stretches(ordered: Sequence[Click], count: int, within_s: float, radius_px: float) -> list[tuple[int, int]]:
    stretches: list[tuple[int, int]] = []
    for first in range(len(ordered) - count + 1):
        members = ordered[first : first + count]
        places = [click.place for click in members if click.place]
        in_time = round(members[-1].second - members[0].second, 6) <= within_s
        if not in_time or any(dist(a, b) > radius_px for a, b in combinations(places, 2)):
            continue
        if stretches and first <= stretches[-1][1]:
            stretches[-1] = (stretches[-1][0], first + count - 1)
        else:
            stretches.append((first, first + count - 1))
    return stretches


def u_turns(visits: Sequence[tuple[str, float | None]], under_s: float = 10.0) -> list[tuple[int, str, float]]:
    """(position, step, dwell) of each visit, among one session's (step, dwell), that leads back where it came from."""
    return [
        (place + 1, visits[place][0], dwell)
        for place in range(1, len(visits) - 1)
        if visits[place - 1][0] == visits[place + 1][0] and (dwell := visits[place][1]) is not None and dwell < under_s
    ]
