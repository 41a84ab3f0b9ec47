"""What a product looks like: its steps and how people naturally move between them, drawn at random.

Belongs here: names, flows, features, forms, elements, transitions, exits, dwells. Nothing here knows of people, days or
friction. A step is a number, a *node*; its name is what stands in the `events` table.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Integers = npt.NDArray[np.int64]
Flags = npt.NDArray[np.bool_]

_FLOWS = ("checkout", "signup", "onboarding", "import", "invite", "upgrade", "report", "booking", "publish", "support")
_FLOW_STEPS = ("start", "details", "options", "address", "review", "confirm")
_CONTENT = (
    "pricing", "blog", "docs", "dashboard", "settings", "profile", "team", "projects", "calendar", "inbox",
    "analytics", "integrations", "changelog", "billing", "templates", "gallery", "partners", "careers",
    "status", "help", "about", "events", "files", "tasks", "notes", "goals", "contacts", "deals", "customers",
    "roadmap", "security", "webinars", "community", "academy", "tutorials", "reviews", "stories", "labs",
    "tools", "feed", "alerts", "topics", "groups", "notebooks", "boards", "plans", "quotes", "assets", "places",
    "media", "exports", "logs", "keys", "audits", "forms", "surveys",
)  # fmt: skip
_FEATURES = (
    "filter_used", "search_saved", "chart_pinned", "comment_added", "file_shared", "view_customised",
    "tag_added", "dark_mode_set", "shortcut_used", "report_scheduled", "bookmark_added", "template_applied",
)  # fmt: skip
_SIDE_EVENTS = ("video_played", "banner_seen", "tooltip_opened", "newsletter_joined", "tour_started")
_FIELDS = ("email", "name", "company", "phone", "street", "city", "card", "notes", "size", "date")
_BUTTONS = ("Save", "Continue", "Open", "Pay now", "Apply", "Share", "Edit", "Send", "Download", "Choose")


@dataclass(frozen=True)
class Decoy:
    """An element that is rightly clicked fast: a share of the visits of its page do so."""

    node: int
    element: str
    share: float


@dataclass(frozen=True)
class Shape:
    """A product. Arrays are indexed by node; `links[a]` are the chances of each next node for who goes on from a."""

    names: tuple[str, ...]
    pages: Flags
    flows: dict[str, tuple[int, ...]]
    hubs: tuple[int, ...]
    pairs: tuple[tuple[int, int], ...]
    final: tuple[int, ...]
    features: tuple[int, ...]
    side_events: tuple[int, ...]
    hosts: dict[int, int]
    use: dict[int, float]
    fields: dict[int, tuple[str, ...]]
    elements: dict[int, tuple[str, ...]]
    decoys: tuple[Decoy, ...]
    links: Floats
    exits: Floats
    dwell_s: Floats
    spread: Floats
    entries: Floats

    @property
    def goals(self) -> frozenset[int]:
        """The last nodes of flows."""
        return frozenset(steps[-1] for steps in self.flows.values())

    @property
    def events(self) -> frozenset[int]:
        """What is done on a page and leads nowhere: features and side events."""
        return frozenset(self.hosts)

    def following(self, node: int) -> int:
        """The next node of the flow that `node` is in; -1 when it is in none or at its end."""
        return next((s[s.index(node) + 1] for s in self.flows.values() if node in s[:-1]), -1)

    def flow_of(self, node: int) -> str | None:
        """The first flow through the node."""
        return next((name for name, steps in self.flows.items() if node in steps), None)


def make_shape(rng: np.random.Generator) -> Shape:
    """A product of 10 to 80 steps and 1 to 8 flows."""
    size = round(float(np.exp(rng.uniform(np.log(10), np.log(80)))))
    lay = _Layout(rng, size)
    names = tuple(lay.names)
    pages = np.array([name.startswith("/") for name in names])
    dwell = np.where(pages, np.exp(rng.uniform(np.log(4), np.log(90), size)), np.exp(rng.uniform(0.7, 2.3, size)))
    elements = {node: _elements(rng, names[node]) for node in range(size) if pages[node]}
    return Shape(
        names=names,
        pages=pages,
        flows=lay.flows,
        hubs=tuple(lay.hubs),
        pairs=tuple(lay.pairs),
        final=tuple(lay.final),
        features=tuple(lay.features),
        side_events=tuple(lay.side_events),
        hosts=lay.hosts,
        use={node: float(rng.uniform(0.08, 0.5)) for node in lay.hosts},
        fields=_forms(rng, lay.flows, pages),
        elements=elements,
        decoys=_decoys(rng, [n for n in lay.content if pages[n]], elements),
        links=_links(rng, lay, pages),
        exits=_exits(rng, lay, pages),
        dwell_s=dwell,
        spread=rng.uniform(0.55, 0.95, size),
        entries=_entries(rng, lay, pages),
    )


class _Layout:
    """Which node is what."""

    def __init__(self, rng: np.random.Generator, size: int) -> None:
        self.names: list[str] = []
        words = iter(rng.permutation(_CONTENT).tolist())
        self.hubs = [self._add("/"), self._add("/home")]
        self.flows = self._flows(rng, size)
        spare = size - len(self.names)
        feature_count = int(rng.integers(1, max(2, min(len(_FEATURES), spare // 3) + 1)))
        self.features = [self._add(str(name)) for name in rng.permutation(_FEATURES)[:feature_count]]
        side_count = int(rng.integers(1, 2 + min(4, spare // 6)))
        self.side_events = [self._add(str(name)) for name in rng.permutation(_SIDE_EVENTS)[:side_count]]
        self.final = [self._add("/goodbye")] if size - len(self.names) > 6 and rng.random() < 0.5 else []
        self.content: list[int] = []
        self.pairs: list[tuple[int, int]] = []
        while len(self.names) < size:
            self._add_content(rng, next(words), size)
        self.browsed = self.hubs + self.content
        middle = [step for steps in self.flows.values() for step in steps[:-1] if self.names[step].startswith("/")]
        hosts = self.browsed + middle
        order = rng.permutation(hosts).tolist()
        deeds = self.features + self.side_events
        self.hosts = {node: order[number % len(order)] for number, node in enumerate(deeds)}

    def _add(self, name: str) -> int:
        self.names.append(name)
        return len(self.names) - 1

    def _flows(self, rng: np.random.Generator, size: int) -> dict[str, tuple[int, ...]]:
        wanted = int(rng.integers(1, max(2, min(8, size // 6) + 1)))
        flows: dict[str, tuple[int, ...]] = {}
        for flow in rng.permutation(_FLOWS)[:wanted].tolist():
            room = round(size * 0.55) - len(self.names) + 2
            if room < 3:
                break
            flows[flow] = self._flow(rng, flow, int(rng.integers(3, min(7, room) + 1)))
        return flows

    def _flow(self, rng: np.random.Generator, flow: str, length: int) -> tuple[int, ...]:
        steps = [self._add(f"/{flow}/{_FLOW_STEPS[0]}")]
        for word in _FLOW_STEPS[1 : length - 1]:
            steps.append(self._add(f"{flow}_{word}_saved" if rng.random() < 0.25 else f"/{flow}/{word}"))
        steps.append(self._add(f"{flow}_completed" if rng.random() < 0.6 else f"/{flow}/done"))
        return tuple(steps)

    def _add_content(self, rng: np.random.Generator, word: str, size: int) -> None:
        page = self._add(f"/{word}")
        self.content.append(page)
        if len(self.names) < size and rng.random() < 0.25:
            item = self._add(f"/{word}/:id")
            self.content.append(item)
            self.pairs.append((page, item))


def _links(rng: np.random.Generator, lay: _Layout, pages: Flags) -> Floats:
    size = len(lay.names)
    links = np.zeros((size, size))
    starts = [steps[0] for steps in lay.flows.values()]
    popular = rng.dirichlet(np.full(len(starts), 2.0))
    for node in lay.browsed:
        _link_some(rng, links, node, [n for n in lay.browsed if n != node], 0.5)
        chosen = range(len(starts)) if node in lay.hubs else rng.choice(len(starts), min(2, len(starts)), replace=False)
        weights = popular[list(chosen)] / popular[list(chosen)].sum()
        links[node, np.array(starts)[list(chosen)]] += weights * (0.6 if node in lay.hubs else 0.3)
        links[node, int(rng.choice(lay.hubs))] += 0.12
    for node in lay.content:
        links[int(rng.choice(lay.hubs)), node] += 0.08
    for listing, item in lay.pairs:
        links[listing] *= 0.5
        links[listing, item] += 0.6
        links[item] *= 0.4
        links[item, listing] += 0.5
    for steps in lay.flows.values():
        _link_flow(rng, links, lay, pages, steps)
    for node in lay.final:
        links[lay.browsed, node] += 0.05
        links[node, lay.hubs[0]] += 1
    for node in lay.hosts:
        links[node, lay.hubs[0]] += 1
    np.fill_diagonal(links, 0)
    return np.asarray(links / links.sum(axis=1, keepdims=True))


def _link_some(rng: np.random.Generator, links: Floats, node: int, others: Sequence[int], total: float) -> None:
    chosen = rng.choice(others, min(len(others), int(rng.integers(3, 7))), replace=False)
    links[node, chosen] += rng.dirichlet(np.full(len(chosen), 1.5)) * total


def _link_flow(rng: np.random.Generator, links: Floats, lay: _Layout, pages: Flags, steps: tuple[int, ...]) -> None:
    for place, node in enumerate(steps[:-1]):
        links[node, steps[place + 1]] += rng.uniform(0.6, 0.9)
        if pages[node]:
            links[node, int(rng.choice(lay.hubs))] += rng.uniform(0.03, 0.1)
            links[node, rng.choice(lay.browsed, 2)] += rng.uniform(0.02, 0.08)
            earlier = [step for step in steps[:place] if pages[step]]
            if earlier:
                links[node, earlier[-1]] += rng.uniform(0.02, 0.08)
    links[steps[-1], lay.hubs] += 0.4
    links[steps[-1], rng.choice(lay.browsed, 3)] += 0.2


def _exits(rng: np.random.Generator, lay: _Layout, pages: Flags) -> Floats:
    size = len(lay.names)
    exits = np.clip(np.exp(rng.normal(np.log(0.11), 0.65, size)), 0.02, 0.36)
    exits = np.where(pages, exits, np.clip(exits, 0.02, 0.12))
    for steps in lay.flows.values():
        exits[steps[-1]] = rng.uniform(0.45, 0.75)
    exits[lay.final] = 0.95
    exits[list(lay.hosts)] = 0.03
    return np.asarray(exits)


def _entries(rng: np.random.Generator, lay: _Layout, pages: Flags) -> Floats:
    entries = np.zeros(len(lay.names))
    entries[lay.hubs] += (0.35, 0.2)
    landing = rng.choice(lay.browsed, min(len(lay.browsed), 8), replace=False)
    entries[landing] += rng.dirichlet(np.full(len(landing), 1.0)) * 0.35
    for steps in lay.flows.values():
        entries[steps[0]] += 0.1 / len(lay.flows)
    return np.asarray(entries / entries.sum())


def _forms(rng: np.random.Generator, flows: dict[str, tuple[int, ...]], pages: Flags) -> dict[int, tuple[str, ...]]:
    inner = [step for steps in flows.values() for step in steps[:-1] if pages[step]]
    chosen = [step for step in inner if rng.random() < 0.4] or [inner[0]]
    return {step: tuple(rng.permutation(_FIELDS)[: int(rng.integers(2, 7))].tolist()) for step in chosen}


def _elements(rng: np.random.Generator, page: str) -> tuple[str, ...]:
    slug = page.strip("/").replace("/", "-").replace(":", "") or "front"
    texts = rng.permutation(_BUTTONS)[: int(rng.integers(2, 6))].tolist()
    own = [f'button.btn#{slug}-{text.split(maxsplit=1)[0].lower()} "{text}"' for text in texts]
    return (*own, 'a.nav-link "Home"')


def _decoys(
    rng: np.random.Generator, content: Sequence[int], elements: dict[int, tuple[str, ...]]
) -> tuple[Decoy, ...]:
    places = list(content) or list(elements)
    wanted = ('button.stepper "+"', 'a.page-link "Next page"')
    return tuple(Decoy(int(rng.choice(places)), element, float(rng.uniform(0.1, 0.3))) for element in wanted)
