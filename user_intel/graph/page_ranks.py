"""How much each step matters in the web of ways: `page_ranks`, one row per step of the window that ends at a day.

The graph is that of the lake's `transitions`, not the graph server's: steps are its nodes, and an edge leads from a
step to each step visited right after it, weighted by the sessions that did so within the window. After whom:

- **pagerank** (Brin and Page 1998): damping 0.85; a step that nobody went on from hands its rank to all steps alike.
- **betweenness** (Freeman 1977, by Brandes 2001): an edge is as long as 1 / its sessions (Newman 2001), so the shortest
  way is one that many walk. Ways of the same length share. Above `MOST_SOURCES` steps it is estimated (Brandes and
  Pich 2007) from that many steps, the same ones in every run: the column `betweenness_sources` says from how many.
- **community** (Louvain: Blondel and others 2008): the best by modularity of `LOUVAIN_TRIES` tries, ways counted in
  both directions together. A community is called after its step of the highest pagerank.

The same transitions give the same rows in whatever order they come: nodes are numbered by name, lengths are whole.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING

from user_intel import files
from user_intel.days import day_range
from user_intel.lake import Lake
from user_intel.product import Product

if TYPE_CHECKING:
    from networkx import DiGraph

DAMPING = 0.85
MOST_SOURCES = 500
LOUVAIN_TRIES = 5
_SEED = 1
# An edge of one session is this long. A number that 1 to 40 sessions divide, so that ways of few sessions tie exactly.
_LENGTH_OF_ONE = math.lcm(*range(1, 41))


@dataclass(frozen=True)
class Ways:
    """A step graph: its steps in order of name, and the sessions of each pair of different steps, by their places."""

    steps: tuple[str, ...]
    sessions: Mapping[tuple[int, int], int]


@dataclass(frozen=True)
class Rank:
    """What the graph says of one step; the columns of the same names in `tables.PAGE_RANKS`."""

    step: str
    pagerank: float
    betweenness: float
    betweenness_sources: int
    community: int
    community_name: str
    steps_before: int
    steps_after: int


@dataclass(frozen=True)
class Told:
    """A written day in figures: days of the window that were there, the first steps, communities and their sizes."""

    days: int
    steps: int
    betweenness_sources: int
    top: tuple[Rank, ...]
    communities: tuple[tuple[str, int], ...]


def ways(edges: Mapping[tuple[str, str], int], steps: Sequence[str] = ()) -> Ways:
    """The graph of `edges` (from_step, to_step: sessions) and of `steps` that may have none. Loops to itself go."""
    names = tuple(sorted({*steps, *(step for edge in edges for step in edge)}))
    places = {name: place for place, name in enumerate(names)}
    kept = {(places[a], places[b]): sessions for (a, b), sessions in edges.items() if a != b and sessions > 0}
    return Ways(names, dict(sorted(kept.items())))


def ranks(graph: Ways, most_sources: int = MOST_SOURCES) -> list[Rank]:
    """One Rank per step, in order of name. `most_sources`: steps that betweenness is counted from at most."""
    drawn = _drawn(graph)
    pagerank = _pagerank(drawn)
    betweenness, sources = _betweenness(drawn, most_sources)
    communities = _communities(drawn)
    # Ranks that differ by rounding alone are the same: then the name decides.
    named = [min(members, key=lambda step: (-round(pagerank[step], 12), step)) for members in communities]
    number = {step: place for place, members in enumerate(communities) for step in members}
    return [
        Rank(
            step=name,
            pagerank=pagerank[step],
            betweenness=betweenness[step],
            betweenness_sources=sources,
            community=number[step] + 1,
            community_name=graph.steps[named[number[step]]],
            steps_before=drawn.in_degree(step),
            steps_after=drawn.out_degree(step),
        )
        for step, name in enumerate(graph.steps)
    ]


def write_page_ranks(lake: Lake, product: Product, day: date) -> Told:
    """Writes `page_ranks` of `day` from the transitions and sessions of the window that ends there."""
    window = list(day_range(day - timedelta(days=product.thresholds.window_days - 1), day))
    with lake.connect() as connection:
        lake.read(connection, "sessions", window).create_view("window_sessions")
        lake.read(connection, "transitions", window).create_view("window_transitions")
        visited = connection.execute(files.sql("graph/step_graph_steps")).fetchall()
        edges = connection.execute(files.sql("graph/step_graph_edges")).fetchall()
        found = ranks(ways({(a, b): sessions for a, b, sessions in edges}, [step for step, *_ in visited]))
        counted = {step: (visits, entries, exits) for step, visits, entries, exits in visited}
    rows = [
        {**vars(rank), **dict(zip(("visits", "entries", "exits"), counted[rank.step], strict=True))} for rank in found
    ]
    lake.write_rows("page_ranks", day, rows)
    there = set(lake.days("transitions")) & set(window)
    return _told(found, len(there))


def _told(found: Sequence[Rank], days: int, most: int = 10) -> Told:
    sizes: dict[tuple[int, str], int] = {}
    for rank in found:
        community = (rank.community, rank.community_name)
        sizes[community] = sizes.get(community, 0) + 1
    return Told(
        days=days,
        steps=len(found),
        betweenness_sources=found[0].betweenness_sources if found else 0,
        top=tuple(sorted(found, key=lambda rank: (-rank.pagerank, rank.step))[:most]),
        communities=tuple((name, sizes[number, name]) for number, name in sorted(sizes)),
    )


def _drawn(graph: Ways) -> DiGraph[int]:
    """As networkx knows it. Nodes are numbers: sets of names have another order in every process."""
    import networkx as nx

    drawn: DiGraph[int] = nx.DiGraph()
    drawn.add_nodes_from(range(len(graph.steps)))
    for (a, b), sessions in graph.sessions.items():
        drawn.add_edge(a, b, sessions=sessions, length=max(1, round(_LENGTH_OF_ONE / sessions)))
    return drawn


def _pagerank(drawn: DiGraph[int]) -> dict[int, float]:
    import networkx as nx

    found: dict[int, float] = nx.pagerank(drawn, alpha=DAMPING, weight="sessions", tol=1e-13, max_iter=1_000)
    return {step: float(rank) for step, rank in found.items()}


def _betweenness(drawn: DiGraph[int], most_sources: int) -> tuple[dict[int, float], int]:
    """Betweenness of each step, as a share of the ordered pairs of two others, and the steps it was counted from."""
    import networkx as nx

    steps = len(drawn)
    sources = min(steps, most_sources)
    sample = sources if sources < steps else None
    found: dict[int, float] = nx.betweenness_centrality(drawn, k=sample, weight="length", seed=_SEED)
    return found, sources


def _communities(drawn: DiGraph[int]) -> list[list[int]]:
    """The steps of each community, the largest first; of equal ones that of the smaller name."""
    import networkx as nx

    both: nx.Graph[int] = nx.Graph()
    both.add_nodes_from(drawn)
    for a, b, sessions in drawn.edges(data="sessions"):
        before = both.edges[a, b]["sessions"] if both.has_edge(a, b) else 0
        both.add_edge(a, b, sessions=before + sessions)
    if not both.number_of_edges():
        return [[step] for step in drawn]
    tries = [
        nx.community.louvain_communities(both, weight="sessions", seed=_SEED + attempt)
        for attempt in range(LOUVAIN_TRIES)
    ]
    best = max(tries, key=lambda found: nx.community.modularity(both, found, weight="sessions"))
    return sorted((sorted(members) for members in best), key=lambda members: (-len(members), members))
