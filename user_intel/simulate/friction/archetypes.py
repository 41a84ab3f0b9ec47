"""Archetypes: groups of users who differ in their habits, and overlap in every one of them.

Who is planted as what belongs here, in numbers that know nothing of steps: a *habit* is a number per user, normal
around its archetype's mean. What a habit does to sessions and walks is `ways.py`. Archetypes lie about one apart in
each habit (in standard deviations of the archetypes' means), users around them as `SPREAD` says: no habit tells two
archetypes apart, all of them together may.
"""

from dataclasses import dataclass
from typing import Literal

import numpy as np

from user_intel.simulate.dice import pick
from user_intel.simulate.friction.shape import Floats, Integers

Overlap = Literal["clear", "overlapping", "faint"]
# How widely users spread around their archetype in each habit, where the archetypes' means spread by 1.
SPREAD: dict[Overlap, float] = {"clear": 0.3, "overlapping": 0.5, "faint": 0.9}
_FEWEST, _MOST = 3, 6
# The share of habits in which an archetype is not simply like the product's average.
_OWN = 0.6
_SMALLEST_SHARE = 0.1
_CANDIDATES = 60
_CHANGE_THEIR_WAYS = 0.06
# When users change, and when an archetype comes up or dies out, as shares of the days.
_CHANGES_WITHIN = (0.3, 0.9)
_BORN_WITHIN = (0.45, 0.6)
_DIES_WITHIN = (0.1, 0.25)


@dataclass(frozen=True)
class Archetypes:
    """What is to be planted. `count` None: 3 to 6; 1: all are alike but for chance, as in a product without any."""

    count: int | None = None
    overlap: Overlap = "overlapping"
    changing: bool = True


@dataclass(frozen=True)
class Planted:
    """Who is what. A *self* is a user with habits; who changes archetype on a day has a second self from then on.

    `archetype` and `habits` are by self, `first_day` and `end_day` (days of the world) say when it is about; `second`
    by user: its second self, -1 for none, and `changes` its first day.
    """

    count: int
    overlap: Overlap
    archetype: Integers
    habits: Floats
    first_day: Integers
    end_day: Integers
    second: Integers
    changes: Integers

    def self_of(self, user: Integers, day: Integers) -> Integers:
        """Which self each user is on a day."""
        changed = (self.second[user] >= 0) & (day >= self.changes[user])
        return np.where(changed, self.second[user], user)


def plant_archetypes(rng: np.random.Generator, wanted: Archetypes, users: int, days: int, habits: int) -> Planted:
    """Every user's archetype and habits (by self), and who comes, changes or goes when."""
    count = wanted.count or int(rng.integers(_FEWEST, _MOST + 1))
    means = _means(rng, count, habits)
    shares = _shares(rng, count)
    first = pick(rng, shares, users)
    changes = np.full(users, days)
    second = np.full(users, -1)
    if wanted.changing and count > 1:
        who = np.flatnonzero(rng.random(users) < _CHANGE_THEIR_WAYS)
        second[who] = users + np.arange(len(who))
        changes[who] = _day(rng, _CHANGES_WITHIN, days, len(who))
    changing = np.flatnonzero(second >= 0)
    later = (first[changing] + rng.integers(1, max(2, count), len(changing))) % count
    archetype = np.concatenate([first, later])
    begins, ends = _lives(rng, wanted, count, days)
    return Planted(
        count=count,
        overlap=wanted.overlap,
        archetype=archetype,
        habits=means[archetype] + SPREAD[wanted.overlap] * _around(rng, len(archetype), habits),
        first_day=begins[archetype],
        end_day=ends[archetype],
        second=second,
        changes=changes,
    )


def _means(rng: np.random.Generator, count: int, habits: int) -> Floats:
    """Means that lie apart: of many candidates each time the one farthest from those chosen."""
    if count == 1:
        return np.zeros((1, habits))
    drawn = rng.normal(0, 1 / np.sqrt(_OWN), (_CANDIDATES, habits)) * (rng.random((_CANDIDATES, habits)) < _OWN)
    chosen = [0]
    while len(chosen) < count:
        apart = np.min([((drawn - drawn[each]) ** 2).sum(axis=1) for each in chosen], axis=0)
        chosen.append(int(np.argmax(apart)))
    return np.asarray(drawn[chosen])


def _shares(rng: np.random.Generator, count: int) -> Floats:
    """How large archetypes are; none is tiny."""
    return np.asarray(_SMALLEST_SHARE + (1 - count * _SMALLEST_SHARE) * rng.dirichlet(np.full(count, 4.0)))


def _around(rng: np.random.Generator, selves: int, habits: int) -> Floats:
    """Deviations of variance 1 from the archetype: some users are far more like it than others (Student's t of 5)."""
    own = np.sqrt(3 / rng.chisquare(5, selves))
    return np.asarray(rng.normal(0, 1, (selves, habits)) * own[:, None])


def _lives(rng: np.random.Generator, wanted: Archetypes, count: int, days: int) -> tuple[Integers, Integers]:
    """The first day of each archetype and the day after its last: of four or more, one may come up and one die out."""
    begins, ends = np.zeros(count, dtype=np.int64), np.full(count, days)
    if wanted.changing and count > _FEWEST:
        coming, going = rng.permutation(count)[:2]
        if rng.random() < 0.5:
            begins[coming] = _day(rng, _BORN_WITHIN, days, 1)[0]
        if count > _FEWEST + 1 and rng.random() < 0.5:
            ends[going] = _day(rng, _DIES_WITHIN, days, 1)[0]
    return begins, ends


def _day(rng: np.random.Generator, within: tuple[float, float], days: int, count: int) -> Integers:
    return np.asarray(rng.integers(round(within[0] * days), round(within[1] * days) + 1, count))
