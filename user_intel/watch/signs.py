"""Signs of trouble in what a recording itself tells: no model, no picture, the same answer every time.

Belongs here: what counts as which sign (detection.md, "Friction signals", and the thresholds of product.yaml's
`watch.signs`). What is read are moments, places and node ids, never texts; the words are `local_reader`'s.

- rage_click: many presses on one spot in a second. repeated_click: some on one element within a few.
- dead_click: a press after which nothing changes or scrolls; on a link, a field or the same node again it is none.
- error_click: a press shortly followed by an error of the console or a failed request.
- pause: somebody is there before and after, and does nothing in between for much longer than is their habit.
- thrash: the pointer goes to and fro, wide and fast. scroll_reversal: the page does.
"""

from __future__ import annotations

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from statistics import median
from typing import Literal

from user_intel.product import Signs
from user_intel.watch.tracks import Press, Track, is_quiet

Signal = Literal[
    "rage_click", "repeated_click", "dead_click", "error_click", "pause", "thrash", "scroll_reversal"
]  # fmt: skip


@dataclass(frozen=True)
class Sign:
    """One sign: what, from when to when in seconds of the session, where, and how many of what makes it one."""

    signal: Signal
    from_s: float
    to_s: float
    window: int
    node: int | None = None
    count: int = 1


def signs_of(tracks: Mapping[int, Track], limits: Signs) -> list[Sign]:
    """Every sign in a recording's tracks, in order of time."""
    found: list[Sign] = []
    for window, track in tracks.items():
        found += _clicks(track, window, limits)
        found += _thrashes(track, window, limits)
        found += _reversals(track, window, limits)
    found += _pauses(tracks, limits)
    return sorted(found, key=lambda sign: (sign.from_s, sign.to_s, sign.signal, sign.window, sign.node or 0))


def _clicks(track: Track, window: int, limits: Signs) -> Iterator[Sign]:
    """Rages first; what belongs to one is not told again as repetition or as a dead click."""
    taken: set[int] = set()
    for signal, least, within_s, radius in (
        ("rage_click", limits.rage_clicks, limits.rage_s, limits.rage_px),
        ("repeated_click", limits.repeated_clicks, limits.repeated_s, None),
    ):
        for burst in _bursts(track.presses, taken, least, within_s, radius):
            taken.update(burst)
            first, last = track.presses[burst[0]], track.presses[burst[-1]]
            if signal == "repeated_click" and is_quiet(track, first.node):
                continue
            yield Sign(signal, first.at_s, last.at_s, window, first.node, len(burst))  # type: ignore[arg-type]
    before: Press | None = None
    for place, press in enumerate(track.presses):
        again = before is not None and before.node == press.node and press.at_s - before.at_s <= limits.same_node_s
        before = press
        if place in taken:
            continue
        if failed := _first_in(track.errors, press.at_s, press.at_s + limits.error_after_s):
            yield Sign("error_click", press.at_s, failed, window, press.node)
        elif not press.inert and not again and not _reacted(track, press, limits):
            yield Sign("dead_click", press.at_s, press.at_s + limits.dead_after_s, window, press.node)


def _bursts(
    presses: Sequence[Press], taken: set[int], least: int, within_s: float, radius: float | None
) -> Iterator[list[int]]:
    """Runs of at least `least` presses on one node, the first `least` of any of them within `within_s`."""
    start = 0
    while start < len(presses):
        run = [start]
        for place in range(start + 1, len(presses)):
            near = radius is None or _distance(presses[start], presses[place]) <= radius
            # A run goes on as long as it keeps its pace.
            back = max(0, len(run) - least + 1)
            in_time = presses[place].at_s - presses[run[back]].at_s <= within_s
            if presses[place].node != presses[start].node or not near or not in_time or place in taken:
                break
            run.append(place)
        if len(run) >= least and start not in taken:
            yield run
            start = run[-1] + 1
        else:
            start += 1


def _distance(one: Press, other: Press) -> float:
    return float(((one.x - other.x) ** 2 + (one.y - other.y) ** 2) ** 0.5)


def _reacted(track: Track, press: Press, limits: Signs) -> bool:
    return _first_in(track.changes, press.at_s, press.at_s + limits.dead_after_s) is not None


def _first_in(times: Sequence[float], from_s: float, to_s: float) -> float | None:
    place = bisect_left(times, from_s)
    return times[place] if place < len(times) and times[place] <= to_s else None


def _pauses(tracks: Mapping[int, Track], limits: Signs) -> Iterator[Sign]:
    """Of all windows together: whoever is busy in another tab does not pause. The longest ones only."""
    deeds = sorted((at_s, window) for window, track in tracks.items() for at_s in track.deeds)
    gaps = [(after[0] - before[0], before, after) for before, after in pairwise(deeds)]
    usual = median([gap for gap, _, _ in gaps if gap > limits.same_node_s] or [0.0])
    least = max(limits.pause_s, limits.pause_ratio * usual)
    long = [
        Sign("pause", before[0], after[0], before[1])
        for gap, before, after in gaps
        if least <= gap <= limits.pause_most_s
        and before[1] == after[1]
        and not _turned(tracks[before[1]], before, after)
    ]
    yield from sorted(long, key=lambda sign: sign.from_s - sign.to_s)[: limits.pauses]


def _turned(track: Track, before: tuple[float, int], after: tuple[float, int]) -> bool:
    """Whether the page changed by itself meanwhile: who waits for it does not hesitate."""
    return _first_in(track.changes, before[0] + 1e-3, after[0] - 1e-3) is not None


def _thrashes(track: Track, window: int, limits: Signs) -> Iterator[Sign]:
    """To and fro along one axis; where both axes show it at once, it is told once."""
    until_s = float("-inf")
    ways = ([(at_s, x) for at_s, x, _ in track.moves], [(at_s, y) for at_s, _, y in track.moves])
    runs = (run for way in ways for run in _runs(_turns(way, limits.thrash_px), limits.thrash_turns, limits.thrash_s))
    for run in sorted(runs):
        if run[0] > until_s:
            yield Sign("thrash", run[0], run[-1], window, None, len(run))
        until_s = max(until_s, run[-1])


def _reversals(track: Track, window: int, limits: Signs) -> Iterator[Sign]:
    by_node: dict[int, list[tuple[float, float]]] = defaultdict(list)
    for at_s, node, y in track.scrolls:
        by_node[node].append((at_s, y))
    for node, way in by_node.items():
        for run in _runs(_turns(way, limits.scroll_px), limits.scroll_turns, limits.scroll_s):
            yield Sign("scroll_reversal", run[0], run[-1], window, node, len(run))


def _turns(way: Sequence[tuple[float, float]], least_px: float) -> list[float]:
    """When something that moves along one axis turned back: at least `least_px` one way, then as much back."""
    turns: list[float] = []
    heading, extreme = 0, way[0] if way else (0.0, 0.0)
    for place in way:
        moved = place[1] - extreme[1]
        if heading and moved * heading >= 0:
            extreme = place
        elif abs(moved) >= least_px:
            if heading:
                turns.append(extreme[0])
            heading, extreme = (1 if moved > 0 else -1), place
    return turns


def _runs(turns: Sequence[float], least: int, within_s: float) -> Iterator[list[float]]:
    """Runs of at least `least` turns, any `least` of them following each other within `within_s`."""
    start = 0
    while start + least <= len(turns):
        end = start + least
        if turns[end - 1] - turns[start] > within_s:
            start += 1
            continue
        while end < len(turns) and turns[end] - turns[end - least + 1] <= within_s:
            end += 1
        yield list(turns[start:end])
        start = end
