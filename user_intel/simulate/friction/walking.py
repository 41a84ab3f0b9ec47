"""How sessions walk through the product, step by step, and where they meet what is planted.

All sessions take their n-th step together. A session that meets friction may get a *script*: the nodes it is made to
visit next, until the script ends and nature takes over again. One row of `visits` is one visit of a step.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import polars as pl

from user_intel.simulate.dice import pick
from user_intel.simulate.friction.people import People, Sessions
from user_intel.simulate.friction.planting import CLICKS, Planting
from user_intel.simulate.friction.shape import Flags, Floats, Integers, Shape
from user_intel.simulate.friction.ways import chance_of_use, pick_by_row

_NATURE, _LEAVE = -1, -2
_LONGEST_SCRIPT = 40
_MOST_STEPS = 80
_SHORTEST_S, _LONGEST_S = 0.4, 1200.0
_NO_HIT = -1


@dataclass
class Meeting:
    """Who came to a planting's step since its start, and who of them met it: numbers of sessions."""

    came: list[Integers]
    hit: list[Integers]


@dataclass(frozen=True)
class Walk:
    """`visits`: session, node, at (microseconds), dwell_s, hit (number of the planting met, or -1), next (-2: left)."""

    visits: pl.DataFrame
    meetings: list[Meeting]


@dataclass(frozen=True)
class Nature:
    """The small differences no one planted: between segments, days and users' paces."""

    leaning: Floats
    by_day: Floats
    by_value: dict[str, Floats]
    dwell_by_day: Floats


def make_nature(rng: np.random.Generator, shape: Shape, people: People, days: int) -> Nature:
    """How much readier each value of a property is to leave each node, and each day (log odds)."""
    size = len(shape.names)
    by_value = {name: rng.normal(0, 0.08, (size, len(values))) for name, values in people.names.items()}
    odds = np.log(shape.exits / (1 - shape.exits))
    return Nature(odds, rng.normal(0, 0.05, (size, days)), by_value, rng.normal(0, 0.03, (size, days)))


class Walker:
    """The state of all sessions while they walk."""

    def __init__(
        self,
        rng: np.random.Generator,
        shape: Shape,
        people: People,
        sessions: Sessions,
        nature: Nature,
        plantings: Sequence[Planting] = (),
    ) -> None:
        self.rng, self.shape, self.people, self.sessions = rng, shape, people, sessions
        self.nature, self.plantings = nature, list(plantings)
        count = len(sessions.user)
        self.ways = people.ways
        self.own = self.ways.selves(sessions.user, sessions.day) if self.ways else sessions.user
        self.node = self._entered(count)
        self.now = sessions.start.astype(np.float64)
        self.origin = self.node.copy()
        self.last_page = np.full(count, _NATURE)
        self.script = np.full((count, _LONGEST_SCRIPT + 1), _NATURE)
        self.place = np.zeros(count, dtype=np.int64)
        self.offered = np.zeros((count, len(shape.names)), dtype=np.bool_)
        self.came = np.zeros((count, len(self.plantings)), dtype=np.bool_)
        self.meetings = [Meeting([], []) for _ in self.plantings]
        self.links = np.cumsum(shape.links, axis=1)
        self.in_flow = np.array([shape.flow_of(node) is not None for node in range(len(shape.names))])
        self.affected = [self._affected(each) for each in self.plantings]

    def _entered(self, count: int) -> Integers:
        if self.ways:
            return pick_by_row(self.rng, self.shape.entries * self.ways.taste[self.own])
        return pick(self.rng, self.shape.entries, count)

    def _affected(self, planting: Planting) -> Flags:
        met = self.people.having(planting.segment)[self.sessions.user]
        return np.asarray(met & (self.sessions.day >= planting.first))

    def walk(self) -> Walk:
        """Everyone to the end."""
        taken = []
        live = np.arange(len(self.node))
        for number in range(_MOST_STEPS):
            visit = _Visit(self, live, number)
            visit.decide()
            taken.append(visit.frame())
            live = live[~visit.leave]
            if not len(live):
                break
        visits = pl.concat(taken).sort("session", maintain_order=True)
        return Walk(visits, self.meetings)

    def chance_to_leave(self, rows: Integers, node: Integers) -> Floats:
        """Of sessions `rows` at `node`, by nature."""
        user, day = self.sessions.user[rows], self.sessions.day[rows]
        odds = self.nature.leaning[node] + self.nature.by_day[node, day] + self.people.leaning[user]
        odds = odds + self.sessions.busy[rows]
        for name, by_value in self.nature.by_value.items():
            odds = odds + by_value[node, self.people.values[name][user]]
        if self.ways:
            own = self.own[rows]
            odds = odds + self.ways.leaving[own] - self.ways.intent[own] * self.in_flow[node]
        return np.asarray(1 / (1 + np.exp(-odds)))

    def time_spent(self, rows: Integers, node: Integers) -> Floats:
        """Seconds on the step, by nature and by what makes it slow."""
        usual = self.shape.dwell_s[node] * self.people.pace[self.sessions.user[rows]]
        drawn = np.exp(self.rng.normal(0, 1, len(rows)) * self.shape.spread[node])
        daily = np.exp(self.nature.dwell_by_day[node, self.sessions.day[rows]])
        own = self.ways.pace[self.own[rows]] if self.ways else 1.0
        return np.asarray(usual * drawn * daily * own)


class _Visit:
    """The n-th step of all who are still there."""

    def __init__(self, walker: Walker, live: Integers, number: int) -> None:
        self.walker, self.live, self.number = walker, live, number
        self.node = walker.node[live]
        self.chance = walker.chance_to_leave(live, self.node)
        self.leave = walker.rng.random(len(live)) < self.chance
        self.dwell_s = walker.time_spent(live, self.node)
        self.next = self._by_nature()
        self.hit = np.full(len(live), _NO_HIT)
        self.scripted = np.zeros(len(live), dtype=np.bool_)

    def _by_nature(self) -> Integers:
        walker = self.walker
        page = np.isin(self.node, list(walker.shape.events), invert=True)
        walker.origin[self.live] = np.where(page, self.node, walker.origin[self.live])
        if walker.ways:
            weights = walker.shape.links[walker.origin[self.live]] * walker.ways.taste[walker.own[self.live]]
            return pick_by_row(walker.rng, weights)
        luck = self.walker.rng.random(len(self.live))
        chances = walker.links[walker.origin[self.live]]
        return np.asarray(np.minimum((chances < luck[:, None]).sum(axis=1), chances.shape[1] - 1), dtype=np.int64)

    def decide(self) -> None:
        """Who leaves, who goes where, and after how long; moves all on."""
        self._follow_scripts()
        if self.number == 0:
            self._bounce_from_ads()
        for place, planting in enumerate(self.walker.plantings):
            if planting.nodes and planting.kind not in ("underused_feature", "anomaly"):
                self._meet(place, planting)
        self._use_features()
        if self.number == _MOST_STEPS - 1:
            self.leave[:] = True
        self._move_on()

    def _follow_scripts(self) -> None:
        walker, live = self.walker, self.live
        said = walker.script[live, walker.place[live]]
        self.scripted = said != _NATURE
        self.leave = np.where(self.scripted, said == _LEAVE, self.leave)
        self.next = np.where(self.scripted & (said >= 0), said, self.next)
        walker.place[live[self.scripted]] += 1

    def _bounce_from_ads(self) -> None:
        bounced = self.walker.sessions.from_ad[self.live] & (self.walker.rng.random(len(self.live)) < 0.25)
        self.leave |= bounced
        self.dwell_s = np.where(bounced, self.walker.rng.uniform(0.6, 6.0, len(self.live)), self.dwell_s)

    def _meet(self, place: int, planting: Planting) -> None:
        """The first visit of a session at the planting's step decides whether it meets it."""
        walker = self.walker
        at_step = (self.node == planting.nodes[0]) & walker.affected[place][self.live]
        if planting.kind == "slow_step":
            self.dwell_s = np.where(at_step, self.dwell_s * planting.amount, self.dwell_s)
            walker.meetings[place].came.append(self.live[at_step])
            walker.meetings[place].hit.append(self.live[at_step])
            return
        first = at_step & ~walker.came[self.live, place]
        walker.came[self.live[first], place] = True
        walker.meetings[place].came.append(self.live[first])
        able = first & ~self.scripted & (self.hit == _NO_HIT)
        chance = planting.amount * walker.people.temper[walker.sessions.user[self.live]]
        if planting.kind == "drop_off":
            # Those who leave anyway cannot leave once more: the rate itself is to move by the planted points.
            able &= ~self.leave
            chance = chance / (1 - self.chance)
        if planting.kind == "u_turn":
            able &= walker.last_page[self.live] >= 0
            chance = chance / planting.reach
        rows = np.flatnonzero(able & (walker.rng.random(len(self.live)) < chance))
        self.hit[rows] = place
        walker.meetings[place].hit.append(self.live[rows])
        self._react(planting, rows)

    def _react(self, planting: Planting, rows: Integers) -> None:
        rng = self.walker.rng
        gives_up = rng.random(len(rows)) < planting.leaves
        if planting.kind in ("drop_off", "rapid_exit"):
            self.leave[rows] = True
        if planting.kind == "rapid_exit":
            self.dwell_s[rows] = rng.uniform(0.5, 4.6, len(rows))
        if planting.kind == "form_abandonment":
            self._abandon(rows)
        if planting.kind in CLICKS:
            self.leave[rows] |= gives_up
            self.dwell_s[rows] += rng.uniform(1.5, 4.0, len(rows))
        if planting.kind == "u_turn":
            self.dwell_s[rows] = rng.uniform(0.8, planting.quick_s, len(rows))
            self._send(rows, [self.walker.last_page[self.live[rows]]], gives_up)
        if planting.kind == "loop":
            self._go_round(planting, rows, gives_up)

    def _abandon(self, rows: Integers) -> None:
        """Three in four leave the product, the others the form, for the front page."""
        stays = self.walker.rng.random(len(rows)) < 0.25
        self.leave[rows] = ~stays
        self.next[rows] = self.walker.shape.hubs[0]
        self.dwell_s[rows] = np.maximum(self.dwell_s[rows], 4.0)

    def _go_round(self, planting: Planting, rows: Integers, gives_up: Flags) -> None:
        rounds = self.walker.rng.integers(2, 5, len(rows))
        for count in (2, 3, 4):
            chosen = rounds == count
            walked = (planting.nodes * (count + 1))[1 : len(planting.nodes) * count + 1]
            targets = [np.full(int(chosen.sum()), node) for node in walked]
            self._send(rows[chosen], targets, gives_up[chosen])

    def _send(self, rows: Integers, targets: Sequence[Integers], gives_up: Flags) -> None:
        """To the first target now and to the others by script, which ends in leaving for those who give up."""
        walker, sessions = self.walker, self.live[rows]
        self.leave[rows] = False
        self.next[rows] = targets[0]
        walker.script[sessions] = _NATURE
        walker.place[sessions] = 0
        for place, target in enumerate(targets[1:]):
            walker.script[sessions, place] = target
        walker.script[sessions[gives_up], len(targets) - 1] = _LEAVE

    def _use_features(self) -> None:
        """On the first visit of its host in a session, some who go on use what is offered there."""
        walker = self.walker
        for node, host in walker.shape.hosts.items():
            first = (self.node == host) & ~walker.offered[self.live, node]
            walker.offered[self.live[first], node] = True
            able = first & ~self.leave & ~self.scripted & (self.hit == _NO_HIT)
            use: float | Floats = walker.shape.use[node]
            if walker.ways:
                use = chance_of_use(walker.ways, node, walker.own[self.live], walker.shape.use[node])
            chance = use / (1 - self.chance)
            luck = walker.rng.random(len(self.live))
            used = np.flatnonzero(able & (luck < chance) & ~self._put_off(node, first, able, luck, chance))
            self.next[used] = node

    def _put_off(self, node: int, first: Flags, able: Flags, luck: Floats, chance: Floats) -> Flags:
        """Who would have used it and, by what is planted, does not."""
        put_off = np.zeros(len(self.live), dtype=np.bool_)
        for place, planting in enumerate(self.walker.plantings):
            if planting.kind == "underused_feature" and planting.nodes[0] == node:
                met = self.walker.affected[place][self.live]
                lost = able & met & (luck < chance) & (luck >= chance - planting.amount / (1 - self.chance))
                self.walker.meetings[place].came.append(self.live[first & met])
                self.walker.meetings[place].hit.append(self.live[lost])
                put_off |= lost
        return put_off

    def _move_on(self) -> None:
        walker, live = self.walker, self.live
        self.dwell_s = np.clip(self.dwell_s, _SHORTEST_S, _LONGEST_S)
        self.at = walker.now[live].astype(np.int64)
        walker.now[live] += np.round(self.dwell_s * 1000) * 1000
        page = walker.shape.pages[self.node]
        # Turning back from a page leads to the page before it, not to what was done on it.
        walker.last_page[live] = np.where(page, self.node, _NATURE)
        walker.node[live] = self.next

    def frame(self) -> pl.DataFrame:
        """The visits of this round."""
        return pl.DataFrame(
            {
                "session": self.live,
                "node": self.node,
                "at": self.at,
                "dwell_s": self.dwell_s,
                "hit": self.hit,
                "next": np.where(self.leave, _LEAVE, self.next),
            }
        )
