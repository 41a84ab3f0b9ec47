"""Which friction is planted, where, how strong, for whom and from when; `Truth` is what the bench judges by.

A world holds one to four frictions on different steps, apart from one another where the product is large enough.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date

import numpy as np

from user_intel.simulate.friction.people import PROPERTIES, People
from user_intel.simulate.friction.shape import Floats, Shape

KINDS = (
    "drop_off",
    "loop",
    "slow_step",
    "underused_feature",
    "rage_click",
    "dead_click",
    "error_click",
    "u_turn",
    "form_abandonment",
    "rapid_exit",
    "anomaly",
)
# Share of the sessions at the step that meet it; how many times longer a slow step lasts; share of an event lost.
SIZES: dict[str, tuple[float, float, float]] = {
    "barely": (0.05, 1.3, 0.4),
    "small": (0.08, 1.7, 0.65),
    "practical": (0.15, 3.0, 0.9),
    "glaring": (0.30, 6.0, 1.0),
}
CLICKS = ("rage_click", "dead_click", "error_click")
_SIZE_SHARES = (0.12, 0.18, 0.45, 0.25)
_FIRST_STARTS, _LAST_STARTS = 4 / 14, 11 / 14


@dataclass(frozen=True)
class Truth:
    """A planted friction. `steps`: the step, a loop's in the order walked; `amount`: what SIZES says of its kind.

    `sessions_per_week` went through the step in the segment; `hits` of them met it, of `chances` that came since its
    start (for slow steps, visits; for anomalies, events or recordings lost of those there would have been).
    """

    kind: str
    size: str
    steps: tuple[str, ...]
    element: str | None
    feature: str | None
    metric: str | None
    segment: str
    first_day: date
    from_the_start: bool
    flow: str | None
    amount: float
    sessions_per_week: float = 0.0
    chances: int = 0
    hits: int = 0

    @property
    def subject(self) -> str:
        """What a report of it is named after."""
        if self.kind == "loop":
            return " <-> ".join(sorted(self.steps))
        return self.element or self.feature or self.metric or self.steps[0]


@dataclass(frozen=True)
class Planting:
    """A friction as the walk needs it. `nodes[0]` is where it is met; `leaves`: the share of those hit who then go."""

    kind: str
    size: str
    nodes: tuple[int, ...]
    element: str | None
    segment: str
    first: int
    amount: float
    leaves: float
    quick_s: float = 0.0
    # The share of sessions at the step that could meet it at all; the others are made up for.
    reach: float = 1.0


@dataclass(frozen=True)
class Traffic:
    """What an ordinary walk shows: sessions a week at each node, and the share of them that come from another page."""

    weekly: Floats
    from_pages: Floats


def plant(
    rng: np.random.Generator, shape: Shape, people: People, traffic: Traffic, days: int, kinds: tuple[str, ...] = KINDS
) -> list[Planting]:
    """One to four frictions of different kinds (as many as there are kinds at most), on different steps."""
    wanted = int(rng.choice([1, 2, 3, 4], p=[0.2, 0.3, 0.3, 0.2]))
    planted: list[Planting] = []
    for kind in rng.permutation(kinds).tolist():
        if len(planted) == wanted:
            break
        taken = _around(shape, planted)
        if made := _planting(rng, kind, shape, people, traffic, days, taken):
            planted.append(made)
    return planted


def _around(shape: Shape, planted: Iterable[Planting]) -> set[int]:
    """The nodes of what is planted, and those from or to which many go there directly."""
    near: set[int] = set()
    for each in planted:
        for node in each.nodes:
            near |= {node, shape.hosts.get(node, node)}
            near |= set(np.flatnonzero(shape.links[node] > 0.1).tolist())
            near |= set(np.flatnonzero(shape.links[:, node] > 0.2).tolist())
    return near


def _planting(
    rng: np.random.Generator, kind: str, shape: Shape, people: People, traffic: Traffic, days: int, taken: set[int]
) -> Planting | None:
    size = str(rng.choice(list(SIZES), p=_SIZE_SHARES))
    share, factor, lost = SIZES[size]
    amount = {"slow_step": factor, "anomaly": lost}.get(kind, share)
    segment = "all" if kind == "anomaly" else _segment(rng, people)
    first = int(rng.integers(round(days * _FIRST_STARTS) - 1, round(days * _LAST_STARTS)))
    if kind != "anomaly" and rng.random() < 0.2:
        first = 0
    if kind == "anomaly" and rng.random() < 0.4:
        return Planting(kind, size, (), None, "all", first, amount, 0.0)
    within = float(people.share(*segment.split("=", 1))) if segment != "all" else 1.0
    weekly = traffic.weekly.copy()
    if kind == "underused_feature":
        weekly[list(shape.hosts)] = traffic.weekly[list(shape.hosts.values())]
    able = list(_able(kind, shape, traffic, amount))
    apart = [nodes for nodes in able if not {*nodes, *(shape.hosts.get(n, n) for n in nodes)} & taken]
    node = _chosen(rng, apart, weekly * within, 220 if rng.random() < 0.75 else 60)
    if node is None:
        return None
    element = str(rng.choice(shape.elements[node[0]][:-1])) if kind in CLICKS else None
    leaves = float(rng.uniform(0.3, 0.6)) if kind in CLICKS else float(rng.uniform(0.1, 0.4))
    quick_s = min(5.0, 0.8 * _first_quarter(shape, node[0]))
    reach = float(traffic.from_pages[node[0]]) if kind == "u_turn" else 1.0
    return Planting(kind, size, node, element, segment, first, amount, leaves, quick_s, reach)


def _segment(rng: np.random.Generator, people: People) -> str:
    if rng.random() < 0.5:
        return "all"
    known = [(name, value) for name in PROPERTIES for value in people.names[name] if people.share(name, value) >= 0.1]
    return "=".join(known[int(rng.integers(len(known)))])


def _chosen(
    rng: np.random.Generator, able: list[tuple[int, ...]], weekly: Floats, wanted: float
) -> tuple[int, ...] | None:
    """One of those with enough traffic; else one of the three with the most."""
    if not able:
        return None
    busy = [nodes for nodes in able if weekly[list(nodes)].min() >= wanted]
    if not busy:
        busy = sorted(able, key=lambda nodes: -float(weekly[list(nodes)].min()))[:3]
    return busy[int(rng.integers(len(busy)))]


def _first_quarter(shape: Shape, node: int) -> float:
    """A quarter of the visits are shorter than that."""
    return float(shape.dwell_s[node] * np.exp(-0.674 * shape.spread[node]))


def _able(kind: str, shape: Shape, traffic: Traffic, amount: float) -> Iterator[tuple[int, ...]]:
    """The places (for loops, all the nodes walked round) at which the kind can be planted at that size."""
    if kind == "loop":
        yield from _cycles(shape)
        return
    for node in range(len(shape.names)):
        if _fits(kind, node, shape, traffic, amount):
            yield (node,)


def _fits(kind: str, node: int, shape: Shape, traffic: Traffic, amount: float) -> bool:
    ending = node in shape.goals or node in shape.final
    page, seconds = bool(shape.pages[node]), float(shape.dwell_s[node])
    if kind in ("underused_feature", "anomaly"):
        known = node in shape.features or (kind == "anomaly" and node in shape.side_events)
        return known and (kind == "anomaly" or traffic.weekly[node] > 0)
    if kind in CLICKS:
        return page and node not in shape.final
    if ending or node in shape.events:
        return False
    return {
        "drop_off": bool(shape.exits[node] + amount < 0.85),
        "slow_step": page and seconds <= 60,
        "u_turn": page and seconds >= 10 and bool(traffic.from_pages[node] >= 0.6),
        "form_abandonment": node in shape.fields,
        "rapid_exit": page and seconds >= 8,
    }[kind]


def _cycles(shape: Shape) -> Iterator[tuple[int, ...]]:
    """Pages that lead to one another and lie on no flow in that order; not a list and its items, browsed naturally."""
    plain = [n for n in np.flatnonzero(shape.pages).tolist() if n not in shape.goals and n not in shape.final]
    browsed = {frozenset(pair) for pair in shape.pairs}
    for a in plain:
        for b in plain:
            linked = shape.links[a, b] > 0.02 and a != b and shape.following(a) != b
            if not linked or frozenset((a, b)) in browsed:
                continue
            yield (a, b)
            onward = [c for c in plain if c not in (a, b) and shape.links[b, c] > 0.05 and shape.following(b) != c]
            if onward and (a + b) % 3 == 0:
                yield (a, b, onward[0])
