"""How fast detect is: the section "Detect" of `user-intel bench speed`.

The parts of a night on a made-up week, each beside what an analyst would write in pandas over the same files, and the
nearest function of retentioneering. The peers count; they do not test, price or merge what they find.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

from user_intel.bench.made_product import WEEK_EVENTS
from user_intel.bench.measuring import Measurement, Row, measured, peer_command, seconds_of

# What is measured, and which peers have an answer.
TASKS: dict[str, tuple[str, ...]] = {
    "frustration_signals": ("pandas",),
    "drop_offs": ("pandas",),
    "funnels": ("pandas", "retentioneering"),
    "loops": ("pandas",),
    "slow_steps": ("pandas", "retentioneering"),
    "underused_features": ("pandas",),
    "tallies": (),
    "anomalies": (),
    "pain_points": (),
    "count_day": (),
    "window": ("pandas",),
}
_OF_A_DAY = ("frustration_signals", "tallies", "count_day")
_SHOWN = {"count_day": "both of a day", "window": "all of a window"}


def rows(home: Path, events: int, *, with_peers: bool) -> Iterator[Row]:
    """Measures on the week in `home`, made by `make_week` with so many `events`."""
    for task, peers in TASKS.items():
        ours = _ours(task, home)
        what = f"{_SHOWN.get(task, task)}, {1 if task in _OF_A_DAY else 7} d"
        yield Row(what, "user_intel", ours)
        for peer in peers if with_peers else ():
            yield Row(what, peer, measured(peer_command("peer_detect.py", peer, task, str(home))), seconds_of(ours))
    wider = _ours("nightly_wider", home)
    night = _ours("nightly", home)
    yield Row("a night, 6 segments", "user_intel", night, target=_target(events))
    yield Row("a night, 9 segments", "user_intel", wider, seconds_of(night), "< 1.3x (one more property)")
    if events >= WEEK_EVENTS:
        yield Row("7 nights", "user_intel", _ours("backfill", home))


def _target(events: int) -> str:
    return "< 60 s, < 2,048 MB" if events >= WEEK_EVENTS else ""


def _ours(task: str, home: Path) -> Measurement | str:
    return measured([sys.executable, "-m", "user_intel.bench.ours_detect", task, str(home)])
