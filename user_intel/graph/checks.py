"""Whether the graph holds of a day what the lake does: counted on both sides, at the depth the day says it has.

Belongs here: counts and sums. Visits are followed from each session's first to its last, so a broken chain shows.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import asdict, dataclass
from datetime import date

from user_intel import files
from user_intel.graph.connection import Graph
from user_intel.graph.day_rows import open_day
from user_intel.graph.days import OUTSIDE
from user_intel.lake import Lake
from user_intel.product import Chains, Product

_COUNTED = ("sessions", "visits", "hits", "step_days", "transitions", "pain_points")


@dataclass(frozen=True)
class Difference:
    """A count of a day that is not the same in the graph and in the lake."""

    what: str
    graph: object
    lake: object

    def __str__(self) -> str:
        return f"{self.what}: {self.graph} in the graph, {self.lake} in the lake"


def differences(lake: Lake, product: Product, graph: Graph, day: date) -> list[Difference]:
    """Where the graph's counts of `day` are not the lake's; none when all is well. Raises GraphError."""
    told = graph.read(files.cypher("check/day"), {"day": day})
    state = told[0]["state"] if told else "absent"
    if state != "loaded":
        return [Difference("state", state, "loaded")]
    wanted = _of_the_lake(lake, product, day, told[0]["chains"], told[0]["sample_share"])
    found = {
        name: value
        for which in _COUNTED
        for name, value in graph.read(files.cypher(f"check/{which}"), {"day": day})[0].items()
    }
    return [Difference(name, found[name], wanted[name]) for name in wanted if found[name] != wanted[name]]


def _of_the_lake(lake: Lake, product: Product, day: date, chains: str, sample_share: float) -> dict[str, int]:
    with_chains = chains != OUTSIDE
    if with_chains:
        stated = {"chains": chains, "sample_share": sample_share, "window_days": product.graph.window_days}
        product = product.model_copy(update={"graph": Chains.model_validate(stated)})
    counted: Counter[str] = Counter(dict.fromkeys(_SUMS.values(), 0))
    with open_day(lake, product, day, with_chains=with_chains) as rows:
        totals = asdict(rows.totals())
        hits = sum(len(batch) for batch in rows.hits())
        _add(counted, "step_days", rows.step_days())
        for batch in rows.transitions():
            _add(counted, "transitions", batch)
    with lake.connect() as connection:
        pain_points = lake.read(connection, "pain_points", [day]).aggregate("count(*)").fetchall()[0][0]
    chosen = {name: totals[name] for name in ("sessions", "users", "visits")}
    return {**chosen, "hits": hits, "pain_points": pain_points, **counted}


# By table and column (nothing: the number of rows) under which name the sums stand in `cypher/check/`.
_SUMS = {
    ("step_days", ""): "steps",
    ("step_days", "visits"): "step_visits",
    ("step_days", "sessions"): "step_sessions",
    ("step_days", "users"): "step_users",
    ("step_days", "entries"): "entries",
    ("step_days", "exits"): "exits",
    ("transitions", ""): "transitions",
    ("transitions", "sessions"): "transition_sessions",
    ("transitions", "users"): "transition_users",
    ("transitions", "count"): "transition_count",
}


def _add(counted: Counter[str], table: str, rows: list[dict[str, int]]) -> None:
    for (of, column), name in _SUMS.items():
        if of == table:
            counted[name] += sum(row[column] for row in rows) if column else len(rows)
