"""What habits do: how often and when users of archetypes come, where they turn, what they use, how soon they leave.

A user's *ways* are factors on what the product does to everybody; each habit moves one of them. Which habit is which
is drawn from the product's own parts, so it is known only here.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from user_intel.simulate.friction.archetypes import Archetypes, Planted, plant_archetypes
from user_intel.simulate.friction.shape import Floats, Integers, Shape

Singles = npt.NDArray[np.float32]

# Parts of the day: when each begins.
_DAY_PARTS = (0, 6, 12, 18)
_AREAS = (3, 6)
# What a habit of 1 does: logarithms of factors, and of odds for leaving.
_RATE, _LEAVING, _PACE, _INTENT, _HOURS_BY, _WEEKDAYS_BY, _AREAS_BY, _USE = 0.35, 0.4, 0.25, 0.6, 0.9, 0.5, 1.0, 0.8
_MOST_USE = 0.9


@dataclass(frozen=True)
class Ways:
    """Factors by self: on sessions a day, on hours (24) and weekdays (7), on each node as the next, on use of features.

    `leaving` and `intent` are added to the log odds of leaving, anywhere and (negatively) within flows; `pace` is a
    factor on times spent.
    """

    planted: Planted
    rate: Floats
    hours: Singles
    weekdays: Singles
    taste: Singles
    use: dict[int, Floats]
    leaving: Floats
    intent: Floats
    pace: Floats

    def selves(self, user: Integers, day: Integers) -> Integers:
        """The rows of users on days of the world."""
        return self.planted.self_of(user, day)

    def on_day(self, user: Integers, day: int, weekday: int) -> Floats:
        """Factors on how many sessions users have that day; 0 before they first come and after they are gone."""
        own = self.selves(user, np.full(len(user), day))
        about = (self.planted.first_day[own] <= day) & (day < self.planted.end_day[own])
        return np.asarray(self.rate[own] * self.weekdays[own, weekday] * about)


def make_ways(rng: np.random.Generator, wanted: Archetypes, shape: Shape, users: int, days: int) -> Ways:
    """The ways of everybody, drawn around archetypes."""
    areas = _areas(rng, shape)
    deeds = (*shape.features, *shape.side_events)
    count = int(areas.max()) + 1
    planted = plant_archetypes(rng, wanted, users, days, 4 + len(_DAY_PARTS) + 7 + count + len(deeds))
    rate, leaving, pace, intent = planted.habits[:, :4].T
    rest = planted.habits[:, 4:]
    by_part, by_weekday, by_area, by_deed = np.split(rest, np.cumsum([len(_DAY_PARTS), 7, count]), axis=1)
    return Ways(
        planted=planted,
        rate=np.exp(_RATE * rate),
        hours=np.repeat(_factors(_HOURS_BY * by_part), 24 // len(_DAY_PARTS), axis=1),
        weekdays=_factors(_WEEKDAYS_BY * by_weekday),
        taste=_taste(shape, areas, _factors(_AREAS_BY * by_area), np.exp(_INTENT * intent)),
        use={node: np.exp(_USE * by_deed[:, place]) for place, node in enumerate(deeds)},
        leaving=_LEAVING * leaving,
        intent=_INTENT / 2 * intent,
        pace=np.exp(_PACE * pace),
    )


def _areas(rng: np.random.Generator, shape: Shape) -> Integers:
    """Which part of the product each node is in; -1 for none. Each flow is a part, what is browsed falls into some."""
    areas = np.full(len(shape.names), -1)
    for number, steps in enumerate(shape.flows.values()):
        areas[list(steps)] = number
    items = {item: page for page, item in shape.pairs}
    browsed = [n for n in np.flatnonzero(areas < 0).tolist() if n not in shape.hubs and n not in shape.hosts]
    plain = [node for node in browsed if node not in items and node not in shape.final]
    parts = min(len(plain), int(rng.integers(_AREAS[0], _AREAS[1] + 1)))
    for place, node in enumerate(rng.permutation(plain).tolist()):
        areas[node] = len(shape.flows) + place % parts
    for item, page in items.items():
        areas[item] = areas[page]
    return areas


def _factors(logs: Floats) -> Singles:
    """Factors with mean 1 in each row."""
    powers = np.exp(logs - logs.max(axis=1, keepdims=True))
    return np.asarray(powers / powers.mean(axis=1, keepdims=True), dtype=np.float32)


def _taste(shape: Shape, areas: Integers, by_area: Singles, intent: Floats) -> Singles:
    """Factors on each node as the next: that of its area for where one may turn, intent within a flow."""
    taste = np.ones((len(intent), len(shape.names)), dtype=np.float32)
    known = np.flatnonzero(areas >= 0)
    taste[:, known] = by_area[:, areas[known]]
    for steps in shape.flows.values():
        taste[:, list(steps[1:])] = intent[:, None]
    return taste


def pick_by_row(rng: np.random.Generator, weights: npt.NDArray[np.floating]) -> Integers:
    """One position per row, drawn in proportion to its weights."""
    totals = np.cumsum(weights, axis=1)
    luck = rng.random(len(weights)) * totals[:, -1]
    found = (totals <= luck[:, None]).sum(axis=1)
    return np.asarray(np.minimum(found, weights.shape[1] - 1), dtype=np.int64)


def chance_of_use(ways: Ways, node: int, own: Integers, usual: float) -> Floats:
    """How likely selves use a feature on the first visit of its page in a session."""
    return np.minimum(_MOST_USE, usual * ways.use[node][own])
