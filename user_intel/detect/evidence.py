"""Who met a problem: its sessions, its users, what became of them, and whether one person is most of it.

Asked only of problems, which are few; so each question may look at sessions one by one. Every answer is in sessions of
the problem's own segment and days.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from math import log, sqrt
from typing import TYPE_CHECKING, Any, Protocol

from user_intel.detect.history import Key
from user_intel.detect.scene import Scene
from user_intel.detect.signals import CLICKS
from user_intel.product import Thresholds

if TYPE_CHECKING:
    import polars as pl

# Leaving a step is the fault of another that this share of those who go on go on to, if that one cannot be seen.
FOLLOWING_SHARE = 0.3


class Asked(Protocol):
    """What must be known of a problem to find who met it: what and where, from when to when, and what was expected."""

    @property
    def metric(self) -> str: ...
    @property
    def key(self) -> Key: ...
    @property
    def first(self) -> date: ...
    @property
    def last(self) -> date: ...
    @property
    def expected(self) -> float: ...


@dataclass(frozen=True)
class Evidence:
    """What the sessions of a problem tell. `design_effect` is how much more its hits vary because users repeat them."""

    sessions: int
    users: int
    units: int
    top_user_share: float
    design_effect: float

    def is_enough(self, limits: Thresholds) -> bool:
        """Whether enough sessions of enough users met it, and no user is most of it."""
        return (
            self.sessions >= limits.min_sessions
            and self.users >= limits.min_users
            and self.top_user_share <= limits.max_user_share
        )


@dataclass(frozen=True)
class Outcome:
    """How many sessions that met a problem reached the goal of a flow, and how many that did not meet it."""

    flow: str
    hit_sessions: int
    hit_reached: int
    other_sessions: int
    other_reached: int

    @property
    def goal_rate(self) -> float | None:
        """Share of sessions hit that reached the goal."""
        return self.hit_reached / self.hit_sessions if self.hit_sessions else None

    @property
    def goal_rate_without(self) -> float | None:
        """Share of sessions not hit that reached the goal."""
        return self.other_reached / self.other_sessions if self.other_sessions else None

    def harm(self) -> tuple[float, float]:
        """goal_rate_without - goal_rate and its standard error, one success and failure added to each side."""
        n, m = self.hit_sessions + 2, self.other_sessions + 2
        p, q = (self.hit_reached + 1) / n, (self.other_reached + 1) / m
        return q - p, sqrt(p * (1 - p) / n + q * (1 - q) / m)


def steps_of(problem: Asked) -> list[str]:
    """The steps a problem concerns; of a cycle all of them."""
    if problem.metric == "loop":
        return list(json.loads(problem.key.subject))
    return [problem.key.step] if problem.key.step else []


def gather(scene: Scene, problems: Sequence[Asked]) -> list[Evidence]:
    """The evidence of each problem; makes problem_units, problem_hits and problem_touched for the other questions."""
    scene.given("wanted_problems", _wanted(scene, problems))
    scene.given("wanted_steps", _wanted_steps(scene, problems))
    for name in ("problem_units", "problem_hits", "problem_touched"):
        scene.window.run(name)
    found = scene.frame("problem_evidence").rows(named=True)
    return [
        Evidence(
            row["sessions"], row["users"], row["units"], row["top_user_share"], max(1.0, row["design_effect"] or 1.0)
        )
        for row in found
    ]


def outcomes(scene: Scene, problems: Sequence[Asked]) -> list[list[Outcome]]:
    """Of each problem, what became of its sessions in every flow it lies on."""
    rows = [
        (number, flow.name, flow.steps[-1])
        for number, problem in enumerate(problems)
        for flow in scene.flows
        if set(steps_of(problem)) & set(flow.steps[:-1])
    ]
    scene.given("wanted_goals", _frame(rows, problem_no="i", flow="s", goal="s"))
    found: list[list[Outcome]] = [[] for _ in problems]
    for row in scene.frame("problem_goals").rows(named=True):
        found[row.pop("problem_no")].append(Outcome(**row))
    return found


def overlaps(scene: Scene, pairs: Sequence[tuple[int, int]]) -> dict[tuple[int, int], dict[str, int]]:
    """For each (problem, other): units and hits of the problem, all of them and those the other did not touch."""
    scene.given("wanted_pairs", _frame(list(pairs), problem_no="i", other_no="i"))
    rows = scene.frame("problem_overlaps").rows(named=True)
    return {(row.pop("problem_no"), row.pop("other_no")): row for row in rows}


def flow_losses(scene: Scene) -> dict[str, tuple[int, int]]:
    """Of each flow the sessions that set foot in it, and those of them that reached its goal."""
    rows = [(flow.name, step, flow.steps[-1]) for flow in scene.flows for step in flow.steps]
    scene.given("flow_places", _frame(rows, flow="s", step="s", goal="s"))
    return {flow: (entered, reached) for flow, entered, reached in scene.frame("flow_losses").rows()}


def dwell_quantiles(scene: Scene) -> dict[int, tuple[float, float]]:
    """p50_s and p90_s of each slow problem of the last `gather`."""
    return {number: (p50, p90) for number, p50, p90 in scene.frame("problem_dwells").rows()}


def followers(scene: Scene) -> set[tuple[str, str]]:
    """Pairs of steps where the second is where many go on to from the first."""
    from user_intel.detect.window import history_days

    days = history_days(scene.product, scene.day)
    scene.lake.read(scene.connection, "transitions", days).create_view("history_transitions", replace=True)
    return set(scene.frame("followers", {"share": FOLLOWING_SHARE}).rows())


def _wanted(scene: Scene, problems: Sequence[Asked]) -> pl.DataFrame:
    numbers = {name: number for number, name in enumerate(scene.window.segments.names)}
    ratio = scene.product.thresholds.min_slow_ratio
    rows = [
        (
            number, problem.metric, problem.key.subject, problem.key.step, numbers[problem.key.segment], problem.first,
            problem.last, len(steps_of(problem)) if problem.metric == "loop" else 1, problem.metric in CLICKS,
            log(max(problem.expected, 0.1) * ratio) if problem.metric == "dwell" else 0.0,
        )
        for number, problem in enumerate(problems)
    ]  # fmt: skip
    return _frame(rows, problem_no="i", metric="s", subject="s", step="s", segment_no="i", first_day="d", last_day="d",
                  needed="i", is_click="b", slow_log_s="f")  # fmt: skip


def _wanted_steps(scene: Scene, problems: Sequence[Asked]) -> pl.DataFrame:
    from user_intel.detect.history import home_steps
    from user_intel.detect.underused_features import HOME_SHARE

    homes = home_steps(scene.history.series("feature"), HOME_SHARE)
    rows = [
        (number, step)
        for number, problem in enumerate(problems)
        for step in (homes[problem.key.subject] if problem.metric == "feature" else steps_of(problem))
    ]
    return _frame(rows, problem_no="i", step="s")


def _frame(rows: Sequence[tuple[Any, ...]], **kinds: str) -> pl.DataFrame:
    import polars as pl

    types = {"i": pl.Int64, "s": pl.String, "d": pl.Date, "b": pl.Boolean, "f": pl.Float64}
    return pl.DataFrame(list(rows), schema={name: types[kind] for name, kind in kinds.items()}, orient="row")
