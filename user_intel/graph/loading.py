"""A day of journeys into the graph: replaced as a whole, in bounded transactions, safe to kill at any moment.

1. The day is marked as being loaded, so that whoever asks can see that it is not whole.
2. What was loaded for it before goes; sessions of it that an earlier day's load still holds go, too.
3. Users, sessions and their visits, in batches of whole sessions; then what is counted by step and by transition; then
   pain points and insights.
4. Chains older than the window are pruned, the window's transitions summed up anew.
5. The day is marked as loaded, with what it holds and how deep its chains go.

A killed run leaves a day that is not marked as loaded; the next run begins again at 1.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass
from datetime import date
from typing import TypeVar

from user_intel.errors import GraphError
from user_intel.graph.claims import WAIT_S, Ask, Claim, writing
from user_intel.graph.connection import Graph, Row
from user_intel.graph.day_rows import DayRows, Totals, open_day
from user_intel.graph.days import OUTSIDE, first_of_window, held_days
from user_intel.graph.linking import link_insights, link_pain_points
from user_intel.graph.pruning import clear_counts, clear_day, cleared, prune
from user_intel.graph.schema import ensure_schema
from user_intel.lake import Lake
from user_intel.product import Product

_LOG = logging.getLogger(__name__)

T = TypeVar("T")

_NAMES = 1_000


@dataclass(frozen=True)
class Loaded:
    """What was loaded of a day. `chains`: all, sample, friction, or outside_window; sessions, users and visits are
    those of the chains, `lake_*` those of the whole day, which steps and transitions always count.
    """

    day: date
    flavour: str
    chains: str
    sample_share: float
    sessions: int
    users: int
    visits: int
    lake_sessions: int
    lake_users: int
    lake_visits: int
    steps: int
    transitions: int
    pain_points: int
    insights: int
    hits: int
    pruned_days: Sequence[date]
    seconds: float
    chain_seconds: float

    @property
    def visits_per_second(self) -> float:
        """Of loading the chains alone."""
        return self.visits / self.chain_seconds if self.chain_seconds else 0.0

    @property
    def depth(self) -> str:
        """Which sessions' chains there are, in words."""
        of = f"{self.sessions:,} of {self.lake_sessions:,} sessions"
        return {
            "all": f"every session: {of}",
            "sample": f"a sample of {self.sample_share:.1%} of sessions by their id: {of}",
            "friction": f"sessions that met friction only: {of}",
        }.get(self.chains, f"no chains, for the day is older than the window: {of}")


def load_day(lake: Lake, product: Product, graph: Graph, day: date, *, wait_s: float = WAIT_S) -> Loaded:
    """Replaces one day of the graph by what the lake holds of it. Another writer is waited for, `wait_s` seconds.

    Raises GraphError (the server failed or refused, or another process keeps writing) and LakeError; the day is then
    not marked as loaded, and loading it again mends it.
    """
    return load_days(lake, product, graph, [day], wait_s=wait_s)[0]


def load_days(
    lake: Lake,
    product: Product,
    graph: Graph,
    days: Sequence[date],
    *,
    wait_s: float = WAIT_S,
    until: date | None = None,
) -> list[Loaded]:
    """As `load_day`, of several days in order. Chains are not loaded that the last of them leaves outside the window.

    `until` is a later day that will be loaded soon: chains outside the window that ends there stay away, too. The
    window's transitions are summed up once, at the end.
    """
    if not days:
        return []
    ensure_schema(graph)
    loaded = []
    for day in sorted(days):
        with writing(lake.home, graph, wait_s=wait_s) as claim:
            loaded.append(_load(lake, product, claim, day, max(*days, until or day)))
    with writing(lake.home, graph, wait_s=wait_s) as claim:
        sum_up_window(claim, product.graph.window_days)
    return loaded


def recount_day(claim: Claim, lake: Lake, product: Product, day: date) -> None:
    """Replaces what is counted of a day's steps and transitions by what the lake holds now; its chains stay."""
    claim.write("load/begin_day", day=day)
    clear_counts(claim, day)
    with open_day(lake, product, day, with_chains=False) as rows:
        totals = asdict(rows.totals())
        counts: dict[str, object] = {name: totals[name] for name in totals if name.startswith("lake_")}
        counts["steps"] = len(_load_counts(claim, rows))
        counts["transitions"] = _load_transitions(claim, rows)
    claim.write("prune/steps")
    claim.write("load/end_day", day=day, counts=counts)


def sum_up_window(claim: Claim, window_days: int) -> None:
    """Makes the sums of transitions between steps those of the window that ends at the graph's latest whole day."""
    days = [held.day for held in held_days(claim.graph) if held.is_whole]
    first = first_of_window(days, window_days)
    if first is not None:
        span = {"first_day": first, "last_day": max(days)}
        claim.write("load/flows", **span)
        claim.write("load/stale_flows", **span)


def _load(lake: Lake, product: Product, claim: Claim, day: date, until: date) -> Loaded:
    begun = time.perf_counter()
    claim.write("load/begin_day", day=day)
    clear_day(claim, day)
    oldest = first_of_window([until, *(held.day for held in held_days(claim.graph))], product.graph.window_days)
    with_chains = oldest is None or day >= oldest
    with open_day(lake, product, day, with_chains=with_chains) as rows:
        totals = rows.totals()
        steps = _load_counts(claim, rows)
        chain_seconds = _load_chains(claim, rows, totals)
        transitions = _load_transitions(claim, rows)
        pain_points = link_pain_points(claim, lake, day, steps)
        insights = link_insights(claim, lake, day)
        hits = sum(claim.write("load/hits", rows=batch)[0]["made"] for batch in rows.hits())
    claim.write("prune/steps")
    pruned = prune(claim, oldest) if oldest else []
    loaded = Loaded(
        day=day,
        flavour=claim.graph.flavour,
        chains=product.graph.chains if with_chains else OUTSIDE,
        sample_share=_share(product) if with_chains else 0.0,
        sessions=totals.sessions,
        users=totals.users,
        visits=totals.visits,
        lake_sessions=totals.lake_sessions,
        lake_users=totals.lake_users,
        lake_visits=totals.lake_visits,
        steps=len(steps),
        transitions=transitions,
        pain_points=pain_points,
        insights=insights,
        hits=hits,
        pruned_days=pruned,
        seconds=time.perf_counter() - begun,
        chain_seconds=chain_seconds,
    )
    claim.write("load/end_day", day=day, counts=_kept(loaded))
    _LOG.info(
        "loaded %s into the graph: %s, %d visits, %.0f visits/s", day, loaded.depth, loaded.visits,
        loaded.visits_per_second, extra={"day": day, "visits": loaded.visits, "seconds": round(loaded.seconds, 1)},
    )  # fmt: skip
    return loaded


def _load_counts(claim: Claim, rows: DayRows) -> list[str]:
    """The steps of the day with what is counted of each; returns their names."""
    counted = rows.step_days()
    names = [row["step"] for row in counted]
    for first in range(0, len(names), _NAMES):
        claim.write("load/steps", names=names[first : first + _NAMES])
        claim.write("load/step_days", day=rows.day, rows=counted[first : first + _NAMES])
    return names


def _load_transitions(claim: Claim, rows: DayRows) -> int:
    return sum(int(claim.write("load/transitions", rows=batch)[0]["made"]) for batch in rows.transitions())


def _load_chains(claim: Claim, rows: DayRows, totals: Totals) -> float:
    """Users, sessions and visits. Returns the seconds it took; raises GraphError when not all of it came to be."""
    begun = time.perf_counter()
    linked = 0
    for names, sessions in _ahead(rows.chain_batches()):
        linked += claim.transaction(_chained(rows.day, names, sessions))
    if linked != totals.visits - totals.walks:
        raise GraphError(
            f"Of {rows.day} {totals.visits - totals.walks:,} visits should follow another in the graph, and "
            f"{linked:,} do. The sessions and steps of that day in the lake disagree: run journeys of it again, then "
            "journey_graph."
        )
    return time.perf_counter() - begun


def _chained(day: date, names: list[str], sessions: list[Row]) -> Callable[[Ask], int]:
    """The work of one transaction: sessions and visits, wherever they were before; how many visits are linked."""
    # A session that late events moved from one day to another may still be held by the other one.
    held_before = cleared("prune/sessions_by_id", {"ids": [row["session_id"] for row in sessions]})

    def work(ask: Ask) -> int:
        held_before(ask)
        return int(ask("load/chains", {"day": day, "names": names, "rows": sessions})[0]["linked"])

    return work


def _kept(loaded: Loaded) -> dict[str, object]:
    """What the day's node keeps: only what any run of the same day would say."""
    passing = {"day", "flavour", "pruned_days", "seconds", "chain_seconds"}
    return {name: value for name, value in asdict(loaded).items() if name not in passing}


def _share(product: Product) -> float:
    return product.graph.sample_share if product.graph.chains == "sample" else 1.0


def _ahead(batches: Iterator[T]) -> Iterator[T]:
    """The same batches, each made while the server is busy with the one before."""
    with ThreadPoolExecutor(1) as maker:
        waiting = maker.submit(next, batches, None)
        while (batch := waiting.result()) is not None:
            waiting = maker.submit(next, batches, None)
            yield batch
