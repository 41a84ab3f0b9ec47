"""Who is not to be believed: declared bots, machines that do not say so, and one person's storm.

Each adds sessions and visits of its own beside the people's; `who` tells them apart for whoever sends the events.
"""

from dataclasses import dataclass

import numpy as np
import polars as pl

from user_intel.simulate.friction.people import People, Sessions
from user_intel.simulate.friction.shape import Floats, Integers, Shape

HUMAN, MACHINE, BOT, STORM = 0, 1, 2, 3
_LEFT = -2


@dataclass(frozen=True)
class Crowd:
    """Sessions of strays: `like` is the user whose properties they show, `name` who they are, `who` of which sort."""

    like: Integers
    name: list[str]
    who: Integers
    visits: pl.DataFrame
    storm_node: int


def make_strays(
    rng: np.random.Generator, shape: Shape, people: People, sessions: Sessions, avoid: set[int], days: int
) -> Crowd:
    """Bots, two to four machines and a storm; the visits' sessions are numbered from 0."""
    made = _Made(rng, shape, people, sessions)
    bots = max(3, len(sessions.user) // 120)
    for number in range(bots):
        made.add(f"bot {number % 5}", BOT, made.pages(int(rng.integers(1, 25))), rng.uniform(1.0, 30.0, 1))
    for number in range(int(rng.integers(2, 5))):
        for _ in range(int(rng.integers(1, 4))):
            made.add(f"machine {number}", MACHINE, made.pages(int(rng.integers(120, 350))), rng.uniform(0.2, 0.6, 1))
    calm = [node for node in shape.elements if node not in avoid and shape.exits[node] < 0.5]
    node = int(rng.choice(calm or list(shape.elements)))
    others = np.flatnonzero(shape.links[node] > 0).tolist()
    other = int(rng.choice([o for o in others if shape.pages[o]] or [shape.hubs[0]]))
    late = np.flatnonzero(sessions.day >= days // 3)
    begun = int(rng.choice(late)) if len(late) else 0
    turns = np.array([node, other] * 12, dtype=np.int64)
    for number in range(4):
        made.add("storm", STORM, turns, rng.uniform(4.0, 12.0, 24), begun, number)
    return made.crowd(node)


class _Made:
    """What has been made so far."""

    def __init__(self, rng: np.random.Generator, shape: Shape, people: People, sessions: Sessions) -> None:
        self.rng, self.shape, self.people, self.sessions = rng, shape, people, sessions
        self.like: list[int] = []
        self.name: list[str] = []
        self.who: list[int] = []
        self.parts: list[pl.DataFrame] = []

    def pages(self, count: int) -> Integers:
        """Any pages, in any order."""
        return self.rng.choice(np.flatnonzero(self.shape.pages), count)

    def add(self, name: str, who: int, nodes: Integers, pace_s: Floats, begun: int = -1, number: int = 0) -> None:
        """One session that starts when some person's does."""
        start = int(self.rng.integers(len(self.sessions.start))) if begun < 0 else begun
        dwell_s = np.maximum(0.1, np.broadcast_to(pace_s, len(nodes)) * self.rng.uniform(0.5, 1.5, len(nodes)))
        began = int(self.sessions.start[start]) + number * 40 * 60_000_000
        at = began + np.concatenate([[0], np.cumsum(np.round(dwell_s * 1000) * 1000)[:-1]]).astype(np.int64)
        following = np.append(nodes[1:], _LEFT)
        session = np.full(len(nodes), len(self.who))
        columns = {"session": session, "node": nodes, "at": at, "dwell_s": dwell_s}
        frame = pl.DataFrame({**columns, "hit": np.full(len(nodes), -1), "next": following})
        self.parts.append(frame)
        self.like.append(int(self.sessions.user[start]))
        self.name.append(name)
        self.who.append(who)

    def crowd(self, storm_node: int) -> Crowd:
        """All of them."""
        return Crowd(np.array(self.like), self.name, np.array(self.who), pl.concat(self.parts), storm_node)
