"""A simulated product over some days, with what is planted in it, and its way into a lake.

The order of making: shape, people, sessions, an ordinary walk to see the traffic, plantings, the walk itself, strays,
what is sent, then what goes wrong on the way: events that stop, an outage, ids given twice.
"""

from dataclasses import dataclass, replace
from datetime import date, timedelta

import numpy as np
import polars as pl

from user_intel.lake import Lake
from user_intel.product import Goals, Product
from user_intel.simulate.dice import dice, uuids
from user_intel.simulate.friction.archetypes import Archetypes
from user_intel.simulate.friction.people import (
    PROPERTIES,
    Sessions,
    days_from,
    make_people,
    make_sessions,
)
from user_intel.simulate.friction.planting import KINDS, Planting, Traffic, Truth, plant
from user_intel.simulate.friction.sending import Habits, Tracker, page_stays
from user_intel.simulate.friction.shape import Integers, Shape, make_shape
from user_intel.simulate.friction.stored import event_rows, local_days, recording_rows
from user_intel.simulate.friction.strays import BOT, HUMAN, Crowd, make_strays
from user_intel.simulate.friction.walking import Meeting, Walk, Walker, make_nature
from user_intel.simulate.friction.ways import make_ways

_FIRST_MONDAY = date(2026, 3, 2)
_ZONES = ("UTC", "UTC", "UTC", "Europe/Berlin", "America/New_York", "Asia/Tokyo")
_SEES_TRAFFIC_WITH = 4000


@dataclass(frozen=True)
class World:
    """One simulated product. `events` and `recordings` have the lake's columns; `outage` is the day of one, if any.

    `members` says who is of which archetype: one row per `user_id` and `day` with sessions, of `archetype` (a number)
    and `sessions`; empty where none are planted. Strays are of none.
    """

    seed: int
    product: Product
    days: list[date]
    truths: tuple[Truth, ...]
    outage: date | None
    events: pl.DataFrame
    recordings: pl.DataFrame
    members: pl.DataFrame

    def write(self, lake: Lake) -> None:
        """Writes the table-days `events` and `recordings` of all days."""
        with lake.connect() as connection:
            for table, frame in (("events", self.events), ("recordings", self.recordings)):
                by_day = frame.partition_by("day", as_dict=True)
                for day in self.days:
                    rows = by_day.get((day,), frame.clear())
                    connection.register("rows_of_day", rows)
                    lake.write_day(table, day, connection.table("rows_of_day"))
                    connection.unregister("rows_of_day")


def make_world(
    seed: int,
    users: int | None = None,
    days: int = 14,
    *,
    clean: bool = False,
    only: str | None = None,
    archetypes: Archetypes | None = None,
) -> World:
    """The same world for the same arguments. Without `users` there are 200 to 50,000; `only` plants one kind alone.

    With `archetypes` its users have habits; everything about the product itself stays as it is without.
    """
    kinds = () if clean else (only,) if only else KINDS
    return _Making(seed, users, days, kinds=kinds, archetypes=archetypes).world()


class _Making:
    """The parts of a world while it is made."""

    def __init__(
        self, seed: int, users: int | None, days: int, *, kinds: tuple[str, ...], archetypes: Archetypes | None
    ) -> None:
        self.rng = rng = np.random.default_rng([seed, len(kinds)])
        self.seed = seed
        self.days = days_from(_FIRST_MONDAY + timedelta(days=int(rng.integers(0, 180))), days)
        self.shape = make_shape(rng)
        count = users or round(float(np.exp(rng.uniform(np.log(200), np.log(50_000)))))
        self.product = _product(self.shape, str(rng.choice(_ZONES)))
        self.people = make_people(rng, count)
        if archetypes:
            # A generator of its own: what is drawn of the product is the same with and without.
            habits = make_ways(dice(seed, None, "archetypes"), archetypes, self.shape, count, days)
            self.people = replace(self.people, ways=habits)
        per_day = float(rng.uniform(0.11, 0.2))
        self.sessions = make_sessions(rng, self.people, self.days, self.product.zone, per_day)
        self.nature = make_nature(rng, self.shape, self.people, days)
        self.habits = Habits.draw(rng)
        self.plantings = self._plant(kinds) if kinds else []
        self.outage_at = self._outage()

    def world(self) -> World:
        walk = Walker(self.rng, self.shape, self.people, self.sessions, self.nature, self.plantings).walk()
        avoid = {node for each in self.plantings for node in each.nodes}
        strays = make_strays(self.rng, self.shape, self.people, self.sessions, avoid, len(self.days))
        visits, who = self._all_visits(walk, strays)
        kept, lost = self._without_vanished(visits)
        events = self._events(kept, who, strays)
        recordings, unseen = self._recordings(kept, who)
        truths = tuple(
            self._truth(place, each, walk.meetings[place], walk, {**lost, **unseen})
            for place, each in enumerate(self.plantings)
        )
        outage = self._day_of(self.outage_at[0]) if self.outage_at else None
        members = self._members(who)
        return World(self.seed, self.product, self.days, truths, outage, events, recordings, members)

    def _members(self, who: pl.DataFrame) -> pl.DataFrame:
        count = len(self.sessions.user)
        archetype = np.full(count, -1)
        if ways := self.people.ways:
            archetype = ways.planted.archetype[ways.selves(self.sessions.user, self.sessions.day)]
        days = pl.Series(self.days)[self.sessions.day]
        frame = pl.DataFrame({"user_id": who["user_id"][:count], "day": days, "archetype": archetype})
        known = frame.filter(pl.col("archetype") >= 0)
        return known.group_by("user_id", "day", "archetype").len("sessions").sort("user_id", "day")

    def _plant(self, kinds: tuple[str, ...]) -> list[Planting]:
        shown = min(_SEES_TRAFFIC_WITH, len(self.sessions.user))
        some = self.rng.choice(len(self.sessions.user), shown, replace=False)
        sample = _only(self.sessions, some)
        seen = Walker(self.rng, self.shape, self.people, sample, self.nature).walk().visits
        traffic = _traffic(seen, self.shape, len(self.sessions.user) / len(self.days) * 7 / shown)
        planted = plant(self.rng, self.shape, self.people, traffic, len(self.days), kinds)
        for each in planted:
            if each.kind == "underused_feature":
                # There must be more use than is taken away.
                least = each.amount + float(self.rng.uniform(0.05, 0.15))
                self.shape.use[each.nodes[0]] = max(self.shape.use[each.nodes[0]], least)
        return planted

    def _outage(self) -> tuple[int, int] | None:
        """In a third of the worlds, some hours of a day of which nothing is known."""
        begins = self.sessions.start[int(self.rng.integers(len(self.sessions.start)))]
        lasts = float(self.rng.uniform(2, 5))
        return (int(begins), int(begins + lasts * 3_600_000_000)) if self.rng.random() < 1 / 3 else None

    def _day_of(self, at: int) -> date:
        found: date = local_days(pl.Series([at]).cast(pl.Datetime("us")), self.product)[0]
        return found

    def _all_visits(self, walk: Walk, strays: Crowd) -> tuple[pl.DataFrame, pl.DataFrame]:
        """People's visits and strays', sessions numbered through; and one row for each session."""
        count = len(self.sessions.user)
        visits = pl.concat([walk.visits, strays.visits.with_columns(pl.col("session") + count)])
        user = np.concatenate([self.sessions.user, strays.like])
        who = np.concatenate([np.full(count, HUMAN), strays.who])
        session = visits["session"].to_numpy()
        stay_s = page_stays(
            visits["node"].to_numpy(), session, visits["at"].to_numpy(), visits["dwell_s"].to_numpy(), self.shape.pages
        )
        told = visits.with_columns(
            stay_s=pl.Series(stay_s), who=pl.Series(who[session]), temper=pl.Series(self.people.temper[user[session]])
        )
        return told, self._who_is_who(user, who, strays.name)

    def _who_is_who(self, user: Integers, who: Integers, strays: list[str]) -> pl.DataFrame:
        rng, people = self.rng, self.people
        ids = uuids(rng, people.count).str.replace_all("-", "")
        second = uuids(rng, people.count).str.replace_all("-", "")
        twofold = (rng.random(people.count) < 0.01)[user] & (rng.random(len(user)) < 0.5)
        names = sorted(set(strays))
        own = dict(zip(names, uuids(rng, len(names)).str.replace_all("-", "").to_list(), strict=True))
        mine = pl.concat(
            [ids[user[: len(user) - len(strays)]], pl.Series([own[name] for name in strays], dtype=pl.String)]
        )
        known = {name: pl.Series(people.names[name])[people.values[name][user]] for name in PROPERTIES}
        from_ad = np.append(self.sessions.from_ad, np.zeros(len(strays), dtype=np.bool_))
        frame = pl.DataFrame({"who": who, "mine": mine, "second": second[user], "twofold": twofold, **known})
        return frame.with_columns(
            user_id=pl.when((pl.col("who") == HUMAN) & pl.col("twofold")).then("second").otherwise("mine"),
            session_id=uuids(rng, len(user)),
            from_ad=pl.Series(from_ad),
            recorded=pl.Series((rng.random(len(user)) < self.habits.recorded) & (who != BOT)),
        )

    def _without_vanished(self, visits: pl.DataFrame) -> tuple[pl.DataFrame, dict[int, tuple[int, int]]]:
        """Events that stop being sent leave no trace; how many there would have been and how many are lost."""
        lost: dict[int, tuple[int, int]] = {}
        for place, planting in enumerate(self.plantings):
            if planting.kind != "anomaly" or not planting.nodes:
                continue
            since = int(self.sessions.start[self.sessions.day >= planting.first].min(initial=2**62))
            due = (visits["node"] == planting.nodes[0]) & (visits["at"] >= since) & (visits["who"] == HUMAN)
            gone = due & pl.Series(self.rng.random(len(visits)) < planting.amount)
            lost[place] = (int(due.sum()), int(gone.sum()))
            visits = visits.filter(~gone)
        return visits, lost

    def _events(self, visits: pl.DataFrame, who: pl.DataFrame, strays: Crowd) -> pl.DataFrame:
        tracker = Tracker(self.rng, self.shape, self.habits, self.plantings, visits, strays.storm_node)
        sent = pl.concat(list(tracker.blocks()))
        if self.outage_at:
            begins, ends = self.outage_at
            sent = sent.filter((pl.col("at") < begins) | (pl.col("at") >= ends))
        twice = sent.filter(pl.Series(self.rng.random(len(sent)) < 0.004))
        sent = pl.concat([sent, twice]).sort("at", maintain_order=True)
        return event_rows(sent, visits, who, self.shape, self.product, self.rng).filter(
            pl.col("day").is_in(pl.Series(self.days).implode())
        )

    def _recordings(self, visits: pl.DataFrame, who: pl.DataFrame) -> tuple[pl.DataFrame, dict[int, tuple[int, int]]]:
        spans = visits.group_by("session", maintain_order=True).agg(
            begins=pl.col("at").min(),
            ends=(pl.col("at") + (pl.col("dwell_s") * 1e6).cast(pl.Int64)).max(),
            node=pl.col("node").first(),
        )
        rows = pl.concat([spans, who[spans["session"]]], how="horizontal").filter("recorded")
        if self.outage_at:
            rows = rows.filter(~pl.col("begins").is_between(*self.outage_at))
        lost: dict[int, tuple[int, int]] = {}
        for place, planting in enumerate(self.plantings):
            if planting.kind == "anomaly" and not planting.nodes:
                since = int(self.sessions.start[self.sessions.day >= planting.first].min(initial=2**62))
                due = rows["begins"] >= since
                gone = due & pl.Series(self.rng.random(len(rows)) < planting.amount)
                lost[place] = (int(due.sum()), int(gone.sum()))
                rows = rows.filter(~gone)
        made = recording_rows(rows, self.shape, self.product, self.rng)
        return made.filter(pl.col("day").is_in(pl.Series(self.days).implode())), lost

    def _truth(
        self, place: int, planting: Planting, meeting: Meeting, walk: Walk, lost: dict[int, tuple[int, int]]
    ) -> Truth:
        names = [self.shape.names[node] for node in planting.nodes]
        host = [self.shape.hosts.get(node, node) for node in planting.nodes]
        met = self.people.having(planting.segment)[self.sessions.user]
        there = walk.visits.filter(pl.col("node").is_in(host[:1])) if host else walk.visits
        through = np.unique(there["session"].to_numpy())
        came, hit = (int(sum(map(len, each))) for each in (meeting.came, meeting.hit))
        if planting.kind == "anomaly":
            came, hit = lost[place]
        is_event, is_feature = planting.kind == "anomaly", planting.kind == "underused_feature"
        return Truth(
            kind=planting.kind,
            size=planting.size,
            steps=() if is_event else tuple(self.shape.names[node] for node in host) if is_feature else tuple(names),
            element=planting.element,
            feature=names[0] if is_feature else None,
            metric=(f"event:{names[0]}" if names else "recorded_share") if is_event else None,
            segment=planting.segment,
            first_day=self.days[planting.first],
            from_the_start=planting.first == 0,
            flow=self.shape.flow_of(host[0]) if host else None,
            amount=planting.amount,
            sessions_per_week=float(met[through].sum()) / len(self.days) * 7,
            chances=came,
            hits=hit,
        )


def _only(sessions: Sessions, rows: Integers) -> Sessions:
    return replace(
        sessions,
        user=sessions.user[rows],
        start=sessions.start[rows],
        day=sessions.day[rows],
        busy=sessions.busy[rows],
        from_ad=sessions.from_ad[rows],
    )


def _traffic(visits: pl.DataFrame, shape: Shape, scale: float) -> Traffic:
    before = (
        visits.with_columns(
            prior=pl.col("node").shift().over("session", order_by="at"),
        )
        .group_by("session", "node", maintain_order=True)
        .agg(pl.col("prior").first())
    )
    node = before["node"].to_numpy()
    prior = before["prior"].fill_null(-1).to_numpy()
    came = np.bincount(node, minlength=len(shape.names)).astype(np.float64)
    from_page = np.bincount(node[(prior >= 0) & shape.pages[prior]], minlength=len(shape.names))
    return Traffic(came * scale, from_page / np.maximum(1, came))


def _product(shape: Shape, timezone: str) -> Product:
    flows = {name: [shape.names[node] for node in steps] for name, steps in shape.flows.items()}
    return Product(
        timezone=timezone,
        flows=flows,
        features=[shape.names[node] for node in shape.features],
        final_steps=[shape.names[node] for node in shape.final],
        segments=list(PROPERTIES),
        goals=Goals(value_usd={steps[-1]: 20.0 for steps in flows.values()}),
    )
