"""Which of today's groups is which persona of yesterday: keys and colours that stay from day to day.

Belongs here: the matching alone, from members and centres that are given; what earlier days knew is read by `chain`.

A group is recognised by whom it holds and by where it lies. Every pair of an earlier persona and a group of today is
scored by the Jaccard overlap of their members, among users known on both days, and by how near their centres are; the
assignment of highest total score is taken (Kuhn 1955, as scipy's linear_sum_assignment). A pair counts at all only
where half of the one is found in the other (as in MONIC, Spiliopoulou et al. 2006) or where the group lies in its
place. So the larger part of a persona that splits keeps the key, and of two that merge the larger one's key stays.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import count
from math import sqrt
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

    Labels = Sequence[int] | npt.NDArray[np.integer[Any]]

NOISE = -1
GREY = "#B0B0B0"
# Okabe and Ito (2008), then Paul Tol's "muted" scheme: told apart by the colour-blind, the first ones best.
PALETTE = (
    "#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9", "#332288", "#117733", "#882255", "#999933",
    "#44AA99", "#AA4499", "#DDCC77", "#CC6677", "#88CCEE", "#661100",
)  # fmt: skip

# What overlap is worth beside place when many users are known; with few it says less, with none nothing.
_OVERLAP_WEIGHT = 0.9
_USERS_TO_TRUST_OVERLAP = 5
# Of a persona and a group, so much of the one must be in the other (of so many users), or so near must it lie.
_SAME = 0.5
_FEWEST_USERS = 5
# Who was there yesterday comes before who comes back, unless that one fits clearly better.
_RETURNING = 0.9
# Centres are compared over the features both days have; when fewer than this are the same, not at all.
_COMMON_FEATURES = 0.5
# How far apart centres count as far, in standard deviations a feature, where there is no other persona to compare with.
_FAR = 1.0

Centre = Mapping[str, float]


@dataclass(frozen=True)
class Persona:
    """A group of one day under its lasting key. `centre`: the mean of its users' scaled features, by name."""

    key: str
    colour: str
    first_day: date
    users: int
    centre: Centre

    @property
    def number(self) -> int:
        """7 of "persona-7"."""
        return int(self.key.rpartition("-")[2])


@dataclass(frozen=True)
class Before:
    """What the days before know: the personas of `day`, those that vanished lately, and who was in each when last seen.

    `users` are all that had features on `day`, in a persona or not. `highest` is the highest number ever given.
    """

    day: date
    personas: Sequence[Persona]
    vanished: Sequence[Persona]
    members: Mapping[str, frozenset[str]]
    users: frozenset[str]
    highest: int
    digest: str


@dataclass(frozen=True)
class Followed:
    """Keys of today's groups by label, and what `clusterings` keeps so that tomorrow can follow on."""

    keys: Mapping[int, str]
    personas: Sequence[Persona]
    highest: int
    before: Before | None

    def columns(self) -> dict[str, object]:
        """The columns of `clusterings` about personas."""
        return {
            "personas": as_json(self.personas),
            "highest_persona": self.highest,
            "before_day": self.before.day if self.before else None,
            "before_digest": self.before.digest if self.before else None,
        }


def centres(names: Sequence[str], values: npt.NDArray[np.floating[Any]], labels: Labels) -> dict[int, dict[str, float]]:
    """The mean of each group's rows by label; noise has none. Rounded, so that the order of rows does not show."""
    import numpy as np

    found = np.asarray(labels)
    means = {int(label): values[found == label].mean(axis=0, dtype=np.float64) for label in np.unique(found)}
    return {
        label: {name: round(float(value), 6) for name, value in zip(names, mean, strict=True)}
        for label, mean in means.items()
        if label != NOISE
    }


def follow(
    before: Before | None, day: date, labels: Labels, user_ids: Sequence[str], centroids: Mapping[int, Centre]
) -> Followed:
    """The persona each of the day's groups is: one of the days before, or a new one numbered on from the highest.

    `labels[i]` is the group of `user_ids[i]`, -1 for noise. Numbers of groups and the order of rows do not matter.
    """
    sizes = Counter(int(label) for label in labels)
    # Largest first: the order in which new ones are numbered, and ties are broken.
    ordered = sorted(centroids, key=lambda label: (-sizes[label], sorted(centroids[label].items())))
    known = _matched(before, ordered, labels, user_ids, centroids) if before and ordered else {}
    born = count(before.highest + 1 if before else 1)
    colours = _free_colours(before, known)
    personas = {
        label: known[label] if label in known else Persona(f"persona-{next(born)}", next(colours), day, 0, {})
        for label in ordered
    }
    today = [
        Persona(each.key, each.colour, each.first_day, sizes[label], centroids[label])
        for label, each in personas.items()
    ]
    highest = max([before.highest if before else 0, *(each.number for each in today)])
    return Followed(
        {label: each.key for label, each in personas.items()},
        sorted(today, key=lambda each: each.number),
        highest,
        before,
    )


def as_json(personas: Sequence[Persona]) -> str:
    """Personas as `clusterings` keeps them."""
    return json.dumps([{**vars(each), "first_day": each.first_day.isoformat()} for each in personas])


def from_json(text: str) -> list[Persona]:
    """What `as_json` wrote."""
    return [Persona(**{**each, "first_day": date.fromisoformat(each["first_day"])}) for each in json.loads(text)]


def _matched(
    before: Before, ordered: Sequence[int], labels: Labels, user_ids: Sequence[str], centroids: Mapping[int, Centre]
) -> dict[int, Persona]:
    """The earlier persona of each group that is one."""
    import numpy as np
    from scipy.optimize import linear_sum_assignment

    earlier = sorted([*before.personas, *before.vanished], key=lambda each: each.number)
    if not earlier:
        return {}
    overlaps = _Overlaps(before, earlier, labels, user_ids)
    far = _nearest_neighbours([each.centre for each in earlier]), _nearest_neighbours([centroids[x] for x in ordered])
    back = {each.key for each in before.vanished}
    scores = np.zeros((len(earlier), len(ordered)))
    for row, persona in enumerate(earlier):
        for column, label in enumerate(ordered):
            near = _nearness(persona.centre, centroids[label], min(far[0][row], far[1][column]))
            score = overlaps.score(persona.key, label, near)
            scores[row, column] = score * (_RETURNING if persona.key in back else 1.0)
    rows, columns = linear_sum_assignment(scores, maximize=True)
    pairs = zip(rows.tolist(), columns.tolist(), strict=True)
    return {ordered[column]: earlier[row] for row, column in pairs if scores[row, column] > 0}


class _Overlaps:
    """How many users each earlier persona shares with each group, among those known on both days."""

    def __init__(self, before: Before, earlier: Sequence[Persona], labels: Labels, user_ids: Sequence[str]) -> None:
        today = {user: int(label) for user, label in zip(user_ids, labels, strict=True)}
        self._groups = Counter(label for user, label in today.items() if user in before.users)
        self._shared: dict[str, Counter[int]] = {
            each.key: Counter(today[user] for user in before.members[each.key] if user in today) for each in earlier
        }

    def score(self, key: str, label: int, near: float) -> float:
        """How much a persona and a group are the same, 0..1; 0 when neither its users nor its place say so."""
        shared = self._shared[key][label]
        persona = self._shared[key].total()
        # One that vanished was last seen on another day: some of its users may be unknown to the nearest.
        group = max(self._groups[label], shared)
        users = persona + group - shared
        fewest = min(persona, group)
        contained = shared / fewest if fewest >= _FEWEST_USERS else 0.0
        if contained < _SAME and near < _SAME:
            return 0.0
        weight = _OVERLAP_WEIGHT * users / (users + _USERS_TO_TRUST_OVERLAP)
        return weight * (shared / users if users else 0.0) + (1 - weight) * near


def _nearness(one: Centre, other: Centre, far: float) -> float:
    """1 in the same place, 0 as far away as the nearest other persona or where too few features can be compared."""
    distance = _distance(one, other)
    return max(0.0, 1 - distance / far) if distance is not None and far > 0 else 0.0


def _distance(one: Centre, other: Centre) -> float | None:
    """Root mean square difference over the features of both, in standard deviations; None when too few are the same."""
    common = sorted(one.keys() & other.keys())
    if not common or len(common) < _COMMON_FEATURES * max(len(one), len(other)):
        return None
    return sqrt(sum((one[name] - other[name]) ** 2 for name in common) / len(common))


def _nearest_neighbours(places: Sequence[Centre]) -> list[float]:
    """How far from each place its nearest neighbour is."""
    found = []
    for number, place in enumerate(places):
        others = (_distance(place, other) for at, other in enumerate(places) if at != number)
        found.append(min((distance for distance in others if distance is not None), default=_FAR))
    return found


def _free_colours(before: Before | None, kept: Mapping[int, Persona]) -> Iterator[str]:
    """Colours that no persona has that is alive or may come back; when the palette is used up, hues between."""
    taken = {each.colour for each in kept.values()}
    if before:
        taken |= {each.colour for each in (*before.personas, *before.vanished)}
    yield from (colour for colour in PALETTE if colour not in taken)
    yield from (colour for colour in map(_hue, count()) if colour not in taken)


def _hue(number: int) -> str:
    from colorsys import hls_to_rgb

    red, green, blue = hls_to_rgb((number * 0.6180339887498949) % 1, 0.35 + 0.15 * (number % 3), 0.6)
    return f"#{round(255 * red):02X}{round(255 * green):02X}{round(255 * blue):02X}"
