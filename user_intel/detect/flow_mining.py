"""Likely flows of a product that names none: frequent ordered paths into rare, late, valuable-looking steps.

Belongs here: which steps look like goals, and the way most sessions take to one. A goal

- is reached by some sessions but not by most, and late in them;
- is an event rather than a page, and its name tells of something completed or made, not of an intention or an error;
  where no name tells anything, it is what sessions end with.

The way to it is found backwards: of the steps that a good part of the goal's sessions visited before, and more often
than other sessions visit them, the one visited last comes next. A goal without a way of its own is no flow; of two
that are reached one after the other the more telling one stands, else the later.

Large windows are sampled: some 100,000 sessions, 1,000 of each goal, 50 visits before it; always the same ones.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from math import log10
from statistics import fmean

from user_intel import files
from user_intel.detect.goal_names import DONE, MADE, SILENT, is_page, is_trouble, worth
from user_intel.lake import Connection, Relation

MOST_FLOWS = 5
LEAST_STEPS, MOST_STEPS = 3, 6
SAMPLED_SESSIONS = 100_000
SAMPLED_WAYS = 1_000
SAMPLED_VISITS = 50

_MOST_SHARE = 0.5
_MOST_CANDIDATES = 15
# A step belongs to the way when so many of the goal's sessions went over it, ...
_LEAST_SUPPORT = 0.4
# ... with odds so many times those of sessions at large: the entrance is no part of every way.
_LEAST_ODDS = 1.75
# ... and by so many of those that took the step after it: two ways to the same step are not one after the other.
_LEAST_FOLLOWED = 0.5
# How late in their sessions goals come on average; without a telling name sessions also end there so often.
_LATE, _ENDING = 0.5, 0.6
# Two goals are one undertaking when more than so many sessions of the one come to the other.
_MOSTLY = 0.5

Way = Sequence[str]


@dataclass(frozen=True)
class Candidate:
    """A step that may be a goal: sessions that came to it, their share, and how late in them (0..1)."""

    step: str
    sessions: int
    share: float
    lateness: float
    ending: float


@dataclass(frozen=True)
class MinedPath:
    """A way to a goal, the goal last; support is the share of its sessions that took a step of it, on average."""

    steps: tuple[str, ...]
    support: float
    goal: Candidate

    @property
    def score(self) -> tuple[float, str]:
        """What sorts paths: telling names first, then long and well-trodden ways to what many reach."""
        trodden = self.support + len(self.steps) / MOST_STEPS + log10(self.goal.sessions) / 2
        return -(worth(self.goal.step) + trodden), self.goal.step


def mined_paths(connection: Connection, sessions: Relation, steps: Relation, least_sessions: int) -> list[MinedPath]:
    """At most five paths of three to six steps, the likeliest first; none where nothing looks like a goal."""
    every = max(1, _count(sessions) // SAMPLED_SESSIONS)
    steps.create_view("flow_steps", replace=True)
    connection.execute(files.sql("detect/flow_visits"), {"every": every})
    steps_found = [Candidate(*row) for row in connection.execute(files.sql("detect/flow_goals")).fetchall()]
    goals = likely_goals(steps_found, least_sessions)
    parameters = {"goals": [goal.step for goal in goals], "most": SAMPLED_WAYS, "longest": SAMPLED_VISITS}
    ways: dict[str, list[Way]] = defaultdict(list)
    for goal, way in connection.execute(files.sql("detect/flow_ways"), parameters).fetchall():
        ways[goal].append(way or [])
    shares = {found.step: found.share for found in steps_found}
    paths = [path_to(goal, ways[goal.step], shares) for goal in goals]
    return _best([path for path in paths if len(path.steps) >= LEAST_STEPS], ways)


def likely_goals(steps: Iterable[Candidate], least_sessions: int) -> list[Candidate]:
    """Steps that look like goals, by name: telling ones, else those that sessions end with; events before pages."""
    common = [s for s in steps if s.sessions >= least_sessions and s.share <= _MOST_SHARE and s.lateness >= _LATE]
    telling = [s for s in common if worth(s.step) in (DONE, MADE)]
    silent = [s for s in common if worth(s.step) == SILENT and s.ending >= _ENDING]
    events = [s for s in silent if not is_page(s.step)]
    chosen = telling or events or silent
    most_telling = sorted(chosen, key=lambda s: (-worth(s.step), -s.sessions, s.step))[:_MOST_CANDIDATES]
    return sorted(most_telling, key=lambda s: s.step)


def path_to(goal: Candidate, ways: Sequence[Way], shares: Mapping[str, float]) -> MinedPath:
    """The way most sessions took to `goal`, given what each visited before, and which share of all visits a step."""
    path, supports = [goal.step], []
    typical = _typical_steps(ways, shares)
    ways = [[step for step in way if step in typical] for way in ways]
    left = [len(way) for way in ways]
    arrived: Collection[int] = range(len(ways))
    while len(path) < MOST_STEPS:
        before = _last_visits(ways, left, typical - {*path})
        eligible = {step: at for step, at in before.items() if _leads_on(at, arrived, len(ways))}
        if not eligible:
            break
        step = _last_of(eligible)
        path.insert(0, step)
        arrived = before[step].keys()
        supports.append(len(arrived) / len(ways))
        # Who skipped the step is looked at for the one before it all the same.
        left = [before[step].get(way, row) for way, row in enumerate(left)]
    return MinedPath(tuple(path), fmean(supports) if supports else 0.0, goal)


def _typical_steps(ways: Sequence[Way], shares: Mapping[str, float]) -> set[str]:
    """Steps that sessions on the way to the goal visit more often than sessions at large, and that tell no trouble."""
    went = Counter(step for way in ways for step in set(way))
    return {step for step, n in went.items() if _is_typical(n / len(ways), shares[step]) and not is_trouble(step)}


def _is_typical(support: float, share: float) -> bool:
    return support >= _LEAST_SUPPORT and support * (1 - share) > _LEAST_ODDS * share * (1 - support)


def _last_visits(ways: Sequence[Way], left: Sequence[int], steps: Collection[str]) -> dict[str, dict[int, int]]:
    """For each of `steps`: the ways that visited it before what is left of them, and where they did so last."""
    found: dict[str, dict[int, int]] = {step: {} for step in sorted(steps)}
    for number, way in enumerate(ways):
        for row, step in enumerate(way[: left[number]]):
            if step in found:
                found[step][number] = row
    return found


def _leads_on(at: Mapping[int, int], arrived: Collection[int], ways: int) -> bool:
    """Whether a step visited by the ways `at` comes before the step that the ways `arrived` visited."""
    followed = sum(way in at for way in arrived)
    return len(at) >= _LEAST_SUPPORT * ways and followed >= _LEAST_FOLLOWED * len(arrived)


def _last_of(visited: Mapping[str, Mapping[int, int]]) -> str:
    """The step that comes after most others, in most of the ways that visited both."""

    def comes_after(step: str, other: str) -> bool:
        both = visited[step].keys() & visited[other].keys()
        return sum(visited[step][way] > visited[other][way] for way in both) * 2 > len(both)

    return min(visited, key=lambda step: (-sum(comes_after(step, other) for other in visited), step))


def _best(paths: Sequence[MinedPath], ways: Mapping[str, Sequence[Way]]) -> list[MinedPath]:
    """The likeliest paths that are no part of another, and of several goals at the end of one way the likeliest."""
    left = sorted(paths, key=lambda path: path.score)
    for path in reversed(left[:]):
        if any(_is_part(path, other, ways) for other in left if other is not path):
            left.remove(path)
    by_way: dict[tuple[str, ...], MinedPath] = {}
    for path in left:
        by_way.setdefault(path.steps[:-1], path)
    return list(by_way.values())[:MOST_FLOWS]


def _is_part(path: MinedPath, other: MinedPath, ways: Mapping[str, Sequence[Way]]) -> bool:
    """Whether the goal of `path` belongs to the undertaking of `other`.

    So it is where most of its sessions go on to the other goal, if that is as telling, or came over it, if that is more
    telling; and where it lies on the way to something worth more.
    """
    goal, further = path.goal, other.goal
    if worth(further.step) > worth(goal.step) and goal.step in other.steps:
        return True
    goes_on = _over(goal, ways[further.step]) * further.sessions > _MOSTLY * goal.sessions
    came_over = _over(further, ways[goal.step]) > _MOSTLY
    return (_rank(further) >= _rank(goal) and goes_on) or (_rank(further) > _rank(goal) and came_over)


def _rank(goal: Candidate) -> tuple[int, bool]:
    return worth(goal.step), not is_page(goal.step)


def _over(goal: Candidate, ways: Sequence[Way]) -> float:
    """The share of `ways` that went over `goal`."""
    return fmean(goal.step in way for way in ways)


def _count(relation: Relation) -> int:
    return int(relation.aggregate("count(*)").fetchall()[0][0])
