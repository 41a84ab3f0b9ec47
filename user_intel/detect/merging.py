"""One problem is reported once: what another problem explains becomes a fact of that one.

Whoever is sent back from a step often leaves at the step before; whoever rages at a button often leaves. Seen by two
detectors, that is one problem. A problem is explained by another when, among the sessions that the other did not touch,
most of its excess is gone: not its size, its rate. Where two explain each other, the sharper subject speaks: an element
before a form, a way before a step. Where two appeared at the same step, for the same people and within days of each
other, they are taken for one as well.
"""

from __future__ import annotations

from collections.abc import Collection, Container, Sequence
from datetime import timedelta

from user_intel.detect.evidence import followers, overlaps, steps_of
from user_intel.detect.problems import Problem
from user_intel.detect.scene import Scene

# From the sharpest subject to the bluntest.
_SHARPNESS = ("error_click", "rage_click", "dead_click", "form_abandonment", "loop", "u_turn", "rapid_exit", "dwell",
              "exit", "feature")  # fmt: skip
# What is left of the rate's excess where the other did not touch: less than this, and the other explains it.
_LEFT_OVER = 0.5
_AT_ONCE = timedelta(days=2)
# Of a subject so much stronger than a sharper one the sharper one is only a trace.
_MUCH_STRONGER = 4.0


def merged(scene: Scene, problems: Sequence[Problem], hidden: Container[int] = ()) -> dict[int, list[int]]:
    """The problems to report (but `hidden` ones), by number, each with the numbers of those it stands for as well."""
    seen = [number for number in range(len(problems)) if number not in hidden]
    pairs = [(a, b) for a in seen for b in seen if a != b and _near(problems, a, b)]
    left = overlaps(scene, pairs) if pairs else {}
    explained = {pair for pair in pairs if _explains(problems, pair, left.get(pair))}
    groups: list[list[int]] = []
    for number in sorted(seen, key=lambda n: problems[n].deviance, reverse=True):
        group = next((group for group in groups if (number, group[0]) in explained), None)
        if group is None:
            groups.append([number])
        elif (group[0], number) in explained and _is_sharper(problems[number], problems[group[0]]):
            group.insert(0, number)
        else:
            group.append(number)
    return {group[0]: group[1:] for group in groups}


def hidden_by_tracking(scene: Scene, problems: Sequence[Problem], vanished: Collection[str]) -> dict[int, str]:
    """Problems that only say that a step can no longer be seen, by number, with the event or page that vanished."""
    if not vanished or not problems:
        return {}
    leads_to = followers(scene)
    found: dict[int, str] = {}
    for number, problem in enumerate(problems):
        for name in vanished:
            near = any((step, name) in leads_to or step == name for step in steps_of(problem))
            if near or problem.key.subject == name:
                found[number] = name
    return found


def _near(problems: Sequence[Problem], a: int, b: int) -> bool:
    """Whether `b` might explain `a`: they share a step, or b sends people back, which is felt elsewhere."""
    shared = set(steps_of(problems[a])) & set(steps_of(problems[b]))
    return bool(shared) or problems[b].metric in ("loop", "u_turn")


def _explains(problems: Sequence[Problem], pair: tuple[int, int], left: dict[str, int] | None) -> bool:
    weak, strong = problems[pair[0]], problems[pair[1]]
    if _same_place_and_time(weak, strong):
        return True
    if left is None or weak.metric in ("dwell", "feature") or not left["all_hits"]:
        return False
    if left["units"] == 0:
        return True
    rate, whole = left["hits"] / left["units"], left["all_hits"] / max(left["all_units"], 1)
    return rate - weak.expected <= _LEFT_OVER * (whole - weak.expected)


def _same_place_and_time(one: Problem, other: Problem) -> bool:
    if one.key.segment != other.key.segment or steps_of(one) != steps_of(other):
        return False
    return one.began_known and other.began_known and abs(one.began - other.began) <= _AT_ONCE


def _is_sharper(one: Problem, other: Problem) -> bool:
    sharper = _SHARPNESS.index(one.metric) < _SHARPNESS.index(other.metric)
    return sharper and one.deviance * _MUCH_STRONGER >= other.deviance
