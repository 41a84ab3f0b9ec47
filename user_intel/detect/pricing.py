"""What a problem costs and how much it matters.

**Loss**, for leaving (drop-offs, rapid exits, abandoned forms): n * max(0, low - expected) * P(goal | passed), `low`
being the Wilson lower bound of the rate: what is surely too much, of those who would have gone on as others did. For
all other problems: the sessions hit beyond what was expected, times the lower 95 % bound of how much less often they
reach the goal than sessions at the same step that were not hit. The losses of a flow's problems never add up to more
than the flow really lost (sessions that set foot in it and did not reach its goal): else all of them shrink alike.

**Severity**, 0..100: 100 * (1 - (1 - c) * (1 - u * e)), with c the share of the flow's conversions lost, u the share of
active users hit and e the part of the hits that is more than expected. Nothing lost and nobody hit is 0; all
conversions lost, or everybody hit who otherwise never is, is 100. **Priority**: P0..P3 by u: 20, 5, 1 % or less.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from user_intel.detect.evidence import Evidence, Outcome
from user_intel.detect.problems import Problem

LEAVING = ("exit", "rapid_exit", "form_abandonment")
_Z95_ONE_SIDED = 1.6448536269514722


@dataclass(frozen=True)
class Price:
    """Conversions of `flow` lost to a problem in its window, and those that were made all the same."""

    flow: str | None = None
    lost_conversions: float | None = None
    conversions: int = 0

    @property
    def lost_share(self) -> float:
        """lost / (lost + made)."""
        lost = self.lost_conversions or 0.0
        return lost / (lost + self.conversions) if lost else 0.0


def price(problem: Problem, evidence: Evidence, outcomes: Sequence[Outcome], made: Mapping[str, int]) -> Price:
    """The price in the flow that it costs most; no flow without outcomes."""
    found = [Price(each.flow, loss(problem, evidence, each), made.get(each.flow, 0)) for each in outcomes]
    return max(found, key=lambda each: each.lost_conversions or 0.0, default=Price())


def loss(problem: Problem, evidence: Evidence, outcome: Outcome) -> float:
    """Conversions of one flow lost to a problem, at the least."""
    if problem.metric in LEAVING:
        excess = problem.units * max(0.0, problem.low - problem.expected)
        return excess * (outcome.goal_rate_without or 0.0)
    difference, error = outcome.harm()
    return evidence.sessions * excess_part(problem) * max(0.0, difference - _Z95_ONE_SIDED * error)


def excess_part(problem: Problem) -> float:
    """The part of the hits that is more than expected, 0..1."""
    return max(0.0, 1 - problem.expected / problem.value) if problem.value > 0 else 0.0


def within_real_losses(prices: Sequence[Price], losses: Mapping[str, tuple[int, int]]) -> list[Price]:
    """The prices, shrunk alike where those of a flow exceed what it really lost (entered - reached)."""
    shrink = {}
    for flow, (entered, reached) in losses.items():
        claimed = sum(each.lost_conversions or 0.0 for each in prices if each.flow == flow)
        shrink[flow] = min(1.0, (entered - reached) / claimed) if claimed else 1.0
    return [
        each
        if each.lost_conversions is None
        else Price(each.flow, each.lost_conversions * shrink.get(each.flow or "", 1.0), each.conversions)
        for each in prices
    ]


def severity(problem_excess: float, users: int, active_users: int, lost_share: float) -> float:
    """0..100; see the module's charter."""
    hit = users / active_users if active_users else 0.0
    return round(100 * (1 - (1 - lost_share) * (1 - min(hit, 1.0) * problem_excess)), 1)


def priority(users: int, active_users: int) -> Literal["P0", "P1", "P2", "P3"]:
    """P0 when at least 20 % of active users are hit, P1 from 5 %, P2 from 1 %, else P3."""
    share = users / active_users if active_users else 0.0
    return "P0" if share >= 0.2 else "P1" if share >= 0.05 else "P2" if share >= 0.01 else "P3"
