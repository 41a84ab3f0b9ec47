"""Who comes, and when: users with their properties and tempers, sessions with their starts.

Volume follows weekday, hour, a slow trend and chance. A session is a row of `Sessions`; nothing here knows of steps.
"""

from dataclasses import dataclass
from datetime import date, timedelta
from zoneinfo import ZoneInfo

import numpy as np

from user_intel.days import day_bounds
from user_intel.simulate.dice import pick
from user_intel.simulate.friction.shape import Flags, Floats, Integers
from user_intel.simulate.friction.ways import Ways, pick_by_row

PROPERTIES = ("device_type", "plan", "country")
_VALUES = {
    "device_type": (("desktop", 0.56), ("mobile", 0.37), ("tablet", 0.07)),
    "plan": (("free", 0.62), ("pro", 0.25), ("team", 0.13)),
    "country": (("US", 0.36), ("DE", 0.18), ("GB", 0.13), ("IN", 0.12), ("BR", 0.1), ("FR", 0.06), ("JP", 0.05)),
}
# How much more readily some leave everywhere, in log odds; the rest of a property leaves as most do.
_LEAVES_MORE = {"mobile": 0.22, "tablet": 0.1, "pro": -0.15, "team": -0.25}
_HOURS = np.array([2, 1, 1, 1, 1, 2, 4, 7, 10, 12, 12, 11, 10, 11, 11, 10, 9, 9, 9, 9, 9, 8, 6, 4], dtype=np.float64)


@dataclass(frozen=True)
class People:
    """Users by number. `values[p]` are places in `names[p]`; `temper` has mean 1: how readily they meet friction.

    Where archetypes are planted, `ways` says how users differ in their habits besides.
    """

    names: dict[str, tuple[str, ...]]
    values: dict[str, Integers]
    activity: Floats
    leaning: Floats
    temper: Floats
    pace: Floats
    ways: Ways | None = None

    @property
    def count(self) -> int:
        """How many they are."""
        return len(self.activity)

    def share(self, name: str, value: str) -> float:
        """The share of activity of those with that value."""
        return float(self.activity[self.having(f"{name}={value}")].sum() / self.activity.sum())

    def having(self, segment: str) -> Flags:
        """Which users are of a segment, `all` or `property=value`."""
        if segment == "all":
            return np.ones(self.count, dtype=np.bool_)
        name, value = segment.split("=", 1)
        return np.asarray(self.values[name] == self.names[name].index(value))


@dataclass(frozen=True)
class Sessions:
    """Sessions by number: whose, when (microseconds since 1970, UTC), on which day of the world, after an ad or not."""

    user: Integers
    start: Integers
    day: Integers
    busy: Floats
    from_ad: Flags


def make_people(rng: np.random.Generator, count: int) -> People:
    """Users with realistic shares of devices, plans and countries."""
    names, values = {}, {}
    for name, known in _VALUES.items():
        kept = known if name != "country" else known[: int(rng.integers(4, len(known) + 1))]
        shares = rng.dirichlet(np.array([share for _, share in kept]) * 60)
        names[name] = tuple(value for value, _ in kept)
        values[name] = pick(rng, shares, count)
    leaning = rng.normal(0, 0.25, count)
    for name, known_values in names.items():
        own = np.array([_LEAVES_MORE.get(value, float(rng.normal(0, 0.05))) for value in known_values])
        leaning += own[values[name]]
    return People(
        names=names,
        values=values,
        activity=rng.gamma(1.2, 1.0, count) + 0.05,
        leaning=leaning,
        temper=rng.gamma(5.0, 0.2, count),
        pace=np.exp(rng.normal(0, 0.2, count)),
    )


def make_sessions(
    rng: np.random.Generator, people: People, days: list[date], zone: ZoneInfo, per_user_day: float
) -> Sessions:
    """The sessions of all days; starts keep to their day in the product's zone."""
    weekend = rng.uniform(0.45, 0.9)
    trend = rng.uniform(-0.004, 0.012)
    if people.ways:
        per_day = np.array([per_user_day * (weekend if day.weekday() >= 5 else 1.0) for day in days])
        return _habitual_sessions(rng, people, people.ways, days, zone, per_day)
    users, starts, places = [], [], []
    for place, day in enumerate(days):
        weekly = weekend if day.weekday() >= 5 else 1.0
        expected = people.count * per_user_day * weekly * (1 + trend) ** place * np.exp(rng.normal(0, 0.04))
        count = int(rng.poisson(expected))
        begins, ends = (_microseconds(instant) for instant in day_bounds(day, zone))
        second = (pick(rng, _HOURS, count) + rng.random(count)) / 24
        users.append(pick(rng, people.activity, count))
        starts.append(begins + (second * (ends - begins)).astype(np.int64) // 1000 * 1000)
        places.append(np.full(count, place))
    day_of = np.concatenate(places)
    start = np.concatenate(starts)
    idle = np.array([0.06 if day.weekday() >= 5 else 0.0 for day in days])[day_of]
    night = 0.04 * ((start // 3_600_000_000) % 24 < 6)
    return Sessions(np.concatenate(users), start, day_of, idle + night, rng.random(len(start)) < 0.05)


def _habitual_sessions(
    rng: np.random.Generator, people: People, ways: Ways, days: list[date], zone: ZoneInfo, per_user: Floats
) -> Sessions:
    """The same where each user has days and hours of its own. `per_user`: how many a user has on each day."""
    everybody = np.arange(people.count)
    activity = people.activity / people.activity.mean()
    users, starts = [], []
    for place, day in enumerate(days):
        expected = (
            activity * ways.on_day(everybody, place, day.weekday()) * per_user[place] * np.exp(rng.normal(0, 0.04))
        )
        user = np.repeat(everybody, rng.poisson(expected))
        begins, ends = (_microseconds(instant) for instant in day_bounds(day, zone))
        hour = pick_by_row(rng, _HOURS * ways.hours[ways.selves(user, np.full(len(user), place))])
        second = (hour + rng.random(len(user))) / 24
        users.append(user)
        starts.append(begins + (second * (ends - begins)).astype(np.int64) // 1000 * 1000)
    day_of = np.repeat(np.arange(len(days)), [len(some) for some in users])
    start = np.concatenate(starts)
    return Sessions(np.concatenate(users), start, day_of, np.zeros(len(start)), rng.random(len(start)) < 0.05)


def days_from(first: date, count: int) -> list[date]:
    """That many days in a row."""
    return [first + timedelta(days=number) for number in range(count)]


def _microseconds(instant: "object") -> int:
    return int(np.datetime64(instant, "us").astype(np.int64))  # type: ignore[call-overload]
