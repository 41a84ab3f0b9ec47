"""FrictionBench's simulator plants what it says it plants: counted back in plain Python from the events alone."""

import json
from collections import defaultdict
from datetime import date, timedelta
from itertools import pairwise
from pathlib import Path
from statistics import median
from typing import Any

import polars as pl
import pytest

from user_intel.lake import Lake
from user_intel.simulate.friction import KINDS, SIZES, Truth, World, make_world
from user_intel.tables import catalogue


def planted(kind: str) -> tuple[World, Truth]:
    """A world that has the kind glaringly, for everybody, on a busy step, and only from some later day."""
    for seed in range(13, 100):
        world = make_world(seed, 4000, only=kind)
        for truth in world.truths:
            wanted = truth.size == "glaring" and truth.segment == "all" and not truth.from_the_start
            if wanted and truth.sessions_per_week > 300:
                return world, truth
    raise AssertionError(f"none of many seeds plants {kind} so that it can be counted")


class Told:
    """One session as its events tell it: the steps with the seconds spent on each, and all events in order."""

    def __init__(self, events: list[dict[str, Any]]) -> None:
        self.events = sorted(events, key=lambda e: e["at"])
        self.day: date = self.events[0]["day"]
        entered: list[tuple[str, Any]] = []
        for event in self.events:
            if event["step"] and (not entered or entered[-1][0] != event["step"]):
                entered.append((event["step"], event["at"]))
        self.steps = [step for step, _ in entered]
        self.seconds = [(b[1] - a[1]).total_seconds() for a, b in pairwise(entered)]

    def left(self) -> list[float]:
        """Seconds that the page said it was looked at when the session ended on it."""
        said = [e for e in self.events if e["event"] == "$pageleave"][-1:]
        return [json.loads(e["properties"])["$prev_pageview_duration"] for e in said]


def told(world: World) -> list[Told]:
    sessions = defaultdict(list)
    people = world.events.filter(~pl.col("is_bot"))
    columns = ("day", "session_id", "at", "event", "step", "page", "element", "properties")
    for row in people.select(columns).iter_rows(named=True):
        sessions[row["session_id"]].append(row)
    return [Told(events) for events in sessions.values()]


def meets(truth: Truth, session: Told) -> bool:
    """Whether the session shows what is planted, by the words of the definition."""
    step = truth.steps[0]
    places = [n for n, name in enumerate(session.steps) if name == step]
    here = [e for e in session.events if e["element"] == truth.element and e["page"] == step]
    if truth.kind == "drop_off":
        return session.steps[-1] == step
    if truth.kind == "rapid_exit":
        return session.steps[-1] == step and any(seconds < 5 for seconds in session.left())
    if truth.kind == "underused_feature":
        return truth.feature not in session.steps
    if truth.kind == "loop":
        round_twice = list(truth.steps) * 2
        return any(session.steps[n : n + len(round_twice)] == round_twice for n in places)
    if truth.kind == "u_turn":
        inner = [n for n in places if 0 < n < len(session.steps) - 1]
        return any(session.steps[n - 1] == session.steps[n + 1] and session.seconds[n] < 5 for n in inner)
    if truth.kind == "form_abandonment":
        said = [e["properties"] for e in session.events if e["page"] == step]
        return any('"change"' in text for text in said) and not any('"submit"' in text for text in said)
    if truth.kind == "error_click":
        failed = [e["at"] for e in session.events if e["event"] == "$exception"]
        return any(timedelta(0) < at - e["at"] < timedelta(seconds=1) for at in failed for e in here)
    if truth.kind == "dead_click":
        return any(e["event"] == "$dead_click" for e in here)
    clicks = [e["at"] for e in here if e["event"] == "$autocapture"]
    return any(b - a <= timedelta(seconds=1) for a, b in zip(clicks, clicks[3:], strict=False))


@pytest.mark.parametrize("kind", sorted(set(KINDS) - {"slow_step", "anomaly"}))
def test_the_share_of_sessions_that_meet_friction_rises_by_the_planted_points(kind: str) -> None:
    world, truth = planted(kind)
    came = {False: [0, 0], True: [0, 0]}
    for session in told(world):
        if truth.steps[0] in session.steps:
            since = session.day >= truth.first_day
            came[since][0] += 1
            came[since][1] += meets(truth, session)
    (before, before_hits), (after, after_hits) = came[False], came[True]
    rates = (before_hits / before, after_hits / after)
    error = sum(rate * (1 - rate) / n for rate, n in zip(rates, (before, after), strict=True)) ** 0.5
    # Three standard errors of the difference, and a tenth for those who would have met it anyway.
    assert abs(rates[1] - rates[0] - SIZES["glaring"][0]) < 3 * error + 0.03, (rates, before, after)


def test_a_slow_step_lasts_as_many_times_longer_as_planted() -> None:
    world, truth = planted("slow_step")
    seconds: dict[bool, list[float]] = {False: [], True: []}
    for session in told(world):
        for step, spent in zip(session.steps, session.seconds, strict=False):
            if step == truth.steps[0]:
                seconds[session.day >= truth.first_day].append(spent)
    ratio = median(seconds[True]) / median(seconds[False])
    assert 0.8 * truth.amount < ratio < 1.2 * truth.amount


def test_an_event_or_the_recordings_stop_from_the_planted_day() -> None:
    by_metric = {
        world.truths[0].metric: world for world in (make_world(seed, 2000, only="anomaly") for seed in range(8))
    }
    assert "recorded_share" in by_metric
    assert len(by_metric) > 1
    for metric, world in by_metric.items():
        (truth,) = world.truths
        named = pl.col("step") == str(metric).removeprefix("event:")
        rows = world.recordings if metric == "recorded_share" else world.events.filter(named)
        since = sum(day >= truth.first_day for day in world.days)
        before = rows.filter(pl.col("day") < truth.first_day).height / (len(world.days) - since)
        after = rows.filter(pl.col("day") >= truth.first_day).height / since
        assert 0.5 * (1 - truth.amount) <= after / before <= 1.6 * (1 - truth.amount) + 0.05, metric
        assert truth.hits / truth.chances == pytest.approx(truth.amount, abs=0.15)


def test_only_the_planted_segment_meets_it() -> None:
    worlds = (make_world(seed, 2000, only="dead_click") for seed in range(1, 40))
    world = next(w for w in worlds if w.truths[0].segment != "all" and w.truths[0].size == "glaring")
    (truth,) = world.truths
    name, value = truth.segment.split("=")
    of_segment = pl.col(name) == value if name != "plan" else pl.col("properties").str.contains(f'"plan":"{value}"')
    dead = world.events.filter(
        (pl.col("event") == "$dead_click") & (pl.col("element") == truth.element) & (pl.col("day") >= truth.first_day)
    )
    views = world.events.filter((pl.col("step") == truth.steps[0]) & (pl.col("day") >= truth.first_day))
    inside = dead.filter(of_segment).height / views.filter(of_segment).height
    outside = dead.filter(~of_segment).height / views.filter(~of_segment).height
    assert inside > 0.1
    assert outside < 0.05


def test_the_same_seed_makes_the_same_world() -> None:
    one, two, other = make_world(11, 500), make_world(11, 500), make_world(12, 500)
    assert one.truths == two.truths
    assert one.events.equals(two.events)
    assert one.recordings.equals(two.recordings)
    assert not one.events.equals(other.events)


def test_a_clean_world_holds_no_friction_but_strays_all_the_same() -> None:
    world = make_world(3, 1500, clean=True)
    assert world.truths == ()
    assert world.events["is_bot"].sum() > 0
    views = world.events.filter(~pl.col("is_bot") & (pl.col("event") == "$pageview"))
    machines = views.group_by("session_id").agg(pl.len(), pl.col("at").sort().diff().median().alias("pace"))
    assert machines.filter((pl.col("len") > 100) & (pl.col("pace") < timedelta(seconds=1))).height > 0
    assert world.events["event_id"].n_unique() == world.events.height
    assert world.events.drop("event_id", "ingested_at").is_duplicated().sum() > 0


def test_in_an_outage_nothing_is_sent_for_hours() -> None:
    world = next(w for w in (make_world(seed, 3000, days=8) for seed in range(20)) if w.outage)
    assert world.outage in world.days
    noon_gaps = world.events.filter(~pl.col("is_bot"))["at"].sort().diff().max()
    assert isinstance(noon_gaps, timedelta)
    assert noon_gaps > timedelta(hours=1.9)


def test_a_product_has_flows_of_its_own_steps_and_fits_its_description() -> None:
    for seed in range(6):
        world = make_world(seed, 300, days=8)
        seen = set(world.events["step"].drop_nulls())
        named = {step for steps in world.product.flows.values() for step in steps}
        assert 1 <= len(world.product.flows) <= 8
        assert all(3 <= len(steps) <= 7 for steps in world.product.flows.values())
        assert 5 <= len(seen) <= 80
        assert len(named - seen) <= len(named) / 2, "most steps of flows are visited even by few"


def test_planted_frictions_stand_on_different_steps() -> None:
    worlds = [make_world(seed, 500, days=8) for seed in range(20)]
    assert {len(world.truths) for world in worlds} >= {1, 2, 3}
    for world in worlds:
        steps = [step for truth in world.truths for step in truth.steps]
        assert len(steps) == len(set(steps))
        assert all(truth.first_day in world.days for truth in world.truths)


def test_a_world_is_written_as_the_extract_stage_would(tmp_path: Path) -> None:
    world = make_world(4, 300, days=8)
    lake = Lake(tmp_path, catalogue(world.product))
    world.write(lake)
    assert lake.days("events") == world.days
    assert lake.days("recordings") == world.days
    read = lake.frame("events").collect()
    assert read.height == world.events.height
    assert read.filter(pl.col("event") == "$autocapture")["step"].null_count() > 0
    assert all(json.loads(text)["plan"] in {"free", "pro", "team"} for text in read["properties"].head(500))
