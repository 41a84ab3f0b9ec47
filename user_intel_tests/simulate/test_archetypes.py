"""Archetypes are planted as they are said to be: counted back from the events and the members a world tells."""

import hashlib
from collections import defaultdict
from datetime import timedelta
from itertools import pairwise

import numpy as np
import polars as pl
import pytest

from user_intel.simulate.friction import SPREAD, Archetypes, World, make_world
from user_intel.simulate.friction.archetypes import Overlap, Planted, plant_archetypes

DAYS = 41


def planted(seed: int, wanted: Archetypes, users: int = 4000) -> Planted:
    return plant_archetypes(np.random.default_rng(seed), wanted, users, DAYS, 20)


@pytest.fixture(scope="module")
def world() -> World:
    return make_world(1, 1500, DAYS, archetypes=Archetypes())


def archetype_of(world: World) -> dict[str, int]:
    """The archetype of users who never change theirs."""
    spells = world.members.group_by("user_id").agg(pl.col("archetype").unique())
    return {row["user_id"]: row["archetype"][0] for row in spells.iter_rows(named=True) if len(row["archetype"]) == 1}


@pytest.mark.parametrize(
    ("seed", "clean", "only", "digest"),
    [
        (1, False, None, "2181133541e4079d"),
        (2, True, None, "e0441ebbd4e2c489"),
        (13, False, "loop", "9ddcf64ac2668280"),
    ],
)
def test_worlds_without_archetypes_are_what_they_were_before_there_were_any(
    seed: int, clean: bool, only: str | None, digest: str
) -> None:
    world = make_world(seed, 300, 8, clean=clean, only=only)
    told = hashlib.sha256(world.events.write_csv().encode() + world.recordings.write_csv().encode())
    assert told.hexdigest()[:16] == digest
    assert world.members.is_empty()


def test_the_same_seed_plants_the_same_archetypes_in_the_same_product() -> None:
    one, other = (make_world(4, 200, 8, archetypes=Archetypes()) for _ in range(2))
    assert one.members.equals(other.members)
    assert one.events.equals(other.events)
    assert one.product == make_world(4, 200, 8).product


def test_every_session_of_people_is_told_of_under_the_id_it_was_sent_with(world: World) -> None:
    # Counted from the events: sessions of each id on the day they begin. Strays are of no archetype.
    began: dict[str, tuple[str, object]] = {}
    for row in world.events.sort("at").select("session_id", "user_id", "day").iter_rows():
        began.setdefault(row[0], (row[1], row[2]))
    counted: dict[tuple[str, object], int] = defaultdict(int)
    for key in began.values():
        counted[key] += 1
    told = {(row["user_id"], row["day"]): row["sessions"] for row in world.members.iter_rows(named=True)}
    strays = set(world.events.filter("is_bot")["user_id"])
    people = {key: sessions for key, sessions in counted.items() if key in told}
    assert {key[0] for key in counted if key not in told} - strays != set(), "machines and the storm are strays too"
    assert len({user for user, _ in counted} - {user for user, _ in told} - strays) <= 6
    # An outage may hide some.
    assert sum(told.values()) * 0.97 <= sum(people.values()) <= sum(told.values())
    assert all(told[key] >= sessions for key, sessions in people.items())


@pytest.mark.parametrize("overlap", ["clear", "overlapping", "faint"])
def test_users_spread_around_their_archetype_as_stated(overlap: Overlap) -> None:
    found = planted(3, Archetypes(overlap=overlap, changing=False), users=20_000)
    for archetype in range(found.count):
        own = found.habits[found.archetype == archetype]
        assert own.std(axis=0).mean() == pytest.approx(SPREAD[overlap], rel=0.1)
    means = np.array([found.habits[found.archetype == n].mean(axis=0) for n in range(found.count)])
    drawn = [planted(seed, Archetypes(overlap=overlap, changing=False)) for seed in range(40)]
    apart = np.concatenate([[d.habits[d.archetype == n].mean(axis=0) for n in range(d.count)] for d in drawn])
    assert means.shape == (found.count, 20)
    # Chosen to lie apart, they spread a little wider than the 1 they are drawn with.
    assert 0.9 < apart.std() < 1.4


def test_no_single_habit_tells_who_is_what() -> None:
    for seed in range(10):
        found = planted(seed, Archetypes(changing=False))
        best = max(_told_by(found.habits[:, habit], found.archetype, found.count) for habit in range(20))
        together = _told_by_all(found.habits, found.archetype, found.count)
        assert best < 0.95
        assert together > 0.97


def _told_by(habit: np.ndarray, archetype: np.ndarray, count: int) -> float:
    """The share of users whose archetype is the commonest among those with about the same of one habit."""
    bins = np.searchsorted(np.quantile(habit, np.linspace(0, 1, 41)[1:-1]), habit)
    tallied = np.zeros((40, count))
    np.add.at(tallied, (bins, archetype), 1)
    return float(tallied.max(axis=1).sum() / len(habit))


def _told_by_all(habits: np.ndarray, archetype: np.ndarray, count: int) -> float:
    """The share of users nearest to the mean of their own archetype."""
    means = np.array([habits[archetype == n].mean(axis=0) for n in range(count)])
    nearest = ((habits[:, None, :] - means) ** 2).sum(axis=2).argmin(axis=1)
    return float((nearest == archetype).mean())


def test_some_users_change_archetype_on_a_day_and_keep_to_the_new_one(world: World) -> None:
    spells = world.members.sort("user_id", "day").group_by("user_id", maintain_order=True).agg("archetype")
    sequences = [row["archetype"] for row in spells.iter_rows(named=True)]
    turns = [sum(a != b for a, b in pairwise(s)) for s in sequences]
    assert max(turns) == 1
    changed = sum(turns) / len(turns)
    # Of 6 % some have no session before or after.
    assert 0.015 < changed < 0.07


def test_archetypes_are_born_and_die_but_three_are_there_throughout() -> None:
    found = [planted(seed, Archetypes()) for seed in range(60)]
    lives = [{(d.archetype[n], d.first_day[n], d.end_day[n]) for n in range(len(d.archetype))} for d in found]
    throughout = [sum((first, end) == (0, DAYS) for _, first, end in each) for each in lives]
    assert min(throughout) >= 3
    assert {d.count for d in found} == {3, 4, 5, 6}
    born = sum(any(first > 0 for _, first, _ in each) for each in lives)
    died = sum(any(end < DAYS for _, _, end in each) for each in lives)
    assert 10 < born < 45
    assert 5 < died < 40


def test_who_is_born_late_or_dies_early_sends_nothing_outside_that_time() -> None:
    world = next(w for w in (make_world(s, 600, DAYS, archetypes=Archetypes()) for s in range(1, 30)) if _late(w))
    first_days = world.members.group_by("archetype").agg(pl.col("day").min(), pl.col("sessions").sum())
    late = first_days.filter(pl.col("day") > world.days[14])
    assert len(late) == 1
    assert late["day"][0] >= world.days[0] + timedelta(days=18)


def _late(world: World) -> bool:
    first_days = world.members.group_by("archetype").agg(pl.col("day").min())
    return bool((first_days["day"] > world.days[14]).any())


def test_a_control_has_everybody_of_one_kind() -> None:
    world = make_world(2, 300, 14, archetypes=Archetypes(count=1))
    assert world.members["archetype"].unique().to_list() == [0]
    found = planted(5, Archetypes(count=1))
    assert found.habits.mean(axis=0) == pytest.approx(np.zeros(20), abs=0.06)
    assert (found.second == -1).all()


def test_archetypes_differ_in_what_they_do_and_not_only_in_name(world: World) -> None:
    # Steps of each archetype's users, as shares: farther apart than those of two random halves of everybody.
    who = archetype_of(world)
    steps = world.events.filter(pl.col("step").is_not_null() & pl.col("user_id").is_in(list(who)))
    names = sorted(set(steps["step"]))

    def shares(users: set[str]) -> np.ndarray:
        counted = dict(steps.filter(pl.col("user_id").is_in(users)).group_by("step").len().iter_rows())
        told = np.array([counted.get(name, 0) for name in names], dtype=float)
        return told / told.sum()

    groups = [{user for user, archetype in who.items() if archetype == n} for n in sorted(set(who.values()))]
    mixed = sorted(who)
    by_chance = np.abs(shares(set(mixed[::2])) - shares(set(mixed[1::2]))).sum()
    apart = [np.abs(shares(a) - shares(b)).sum() for a in groups for b in groups if a is not b]
    assert min(apart) > 3 * by_chance
