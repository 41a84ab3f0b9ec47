"""Which pain points trouble a persona more than the rest: joined from `pain_points`, by who of its users met them.

Who met a problem is said by detect (`evidence`), in the same window and segment; here its users are only counted by
persona. A persona's rate is of all its users that were there in that window: whoever never comes to a place is not
troubled there. Troubled more: by `min_ratio` at least, with enough users, sure after Benjamini-Hochberg over every
problem of every persona.

A slow step counts here as slow from `min_slow_ratio` times its expected median on, where detect takes the geometric
mean; and whoever does without a feature has "met" that problem.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import TYPE_CHECKING

from user_intel import files
from user_intel.detect import summary
from user_intel.detect.evidence import gather
from user_intel.detect.found_again import sought
from user_intel.detect.scene import open_scene
from user_intel.detect.statistics import benjamini_hochberg, np_floats, wilson
from user_intel.detect.wording import PainPoint
from user_intel.lake import Lake
from user_intel.product import Product, Thresholds

if TYPE_CHECKING:
    from user_intel.detect.statistics import Floats


@dataclass(frozen=True)
class Trouble:
    """A pain point of a persona: how many of its users met it, the rate with its Wilson interval, and all others'."""

    pain_point_id: str
    users: int
    rate: float
    low: float
    high: float
    rest: float
    p_value: float
    q_value: float = 1.0
    severity: float = 0.0

    @property
    def weight(self) -> float:
        """What troubles are ordered by: how bad it is, for how many more of the persona's users."""
        return self.severity * (self.rate - self.rest)


def troubles(lake: Lake, product: Product, day: date) -> dict[str, list[Trouble]]:
    """The pain points of each persona of `day`, the worst first; its pain_points and user_clusters must be there."""
    found = [each for each in summary.ranked_pain_points(lake, day) if each.kind != "anomaly"]
    if not found:
        return {}
    with lake.connect() as connection:
        scene = open_scene(connection, lake, product, day, {})
        gather(scene, [sought(each, scene.window.days) for each in found])
        lake.read(connection, "user_clusters", [day]).create_view("members")
        rows = connection.query(files.sql("segment/troubled_users")).fetchall()
    counts: dict[int, dict[str | None, tuple[int, int]]] = defaultdict(dict)
    for number, key, users, hit in rows:
        counts[number][key] = (users, hit)
    compared = [each for number, by_key in counts.items() for each in _compared(found[number], by_key)]
    return _told(compared, product.thresholds)


def _compared(found: PainPoint, counts: Mapping[str | None, tuple[int, int]]) -> Iterator[tuple[str, Trouble]]:
    all_users, all_hit = (sum(each[place] for each in counts.values()) for place in (0, 1))
    for key, (users, hit) in counts.items():
        others, others_hit = all_users - users, all_hit - hit
        if key is None or not users or not others:
            continue
        low, high = wilson(hit, users)
        p_value = _p_value(users, hit, others, others_hit)
        yield key, Trouble(
            found.pain_point_id, hit, hit / users, float(low), float(high), others_hit / others, p_value,
            severity=found.severity or 0.0,
        )  # fmt: skip


def _p_value(users: int, hit: int, others: int, others_hit: int) -> float:
    """Of as many hits or more among `users`, were they as likely as others to be hit: Fisher's exact test."""
    import numpy as np

    all_hit = hit + others_hit
    at = np.arange(hit, min(users, all_hit) + 1, dtype=np.float64)
    ways = _log_ways(users, at) + _log_ways(others, all_hit - at) - _log_ways(users + others, np_floats(all_hit))
    return float(min(1.0, np.exp(ways).sum()))


def _log_ways(of: int, chosen: Floats) -> Floats:
    """The logarithm of the number of ways to choose so many."""
    from scipy.special import gammaln

    return np_floats(gammaln(of + 1) - gammaln(chosen + 1) - gammaln(of - chosen + 1))


def _told(compared: Sequence[tuple[str, Trouble]], limits: Thresholds) -> dict[str, list[Trouble]]:
    told = defaultdict(list)
    q_values = benjamini_hochberg([each.p_value for _, each in compared])
    for (key, each), q_value in zip(compared, q_values, strict=True):
        enough = each.users >= limits.min_users and each.rate >= limits.min_ratio * each.rest
        if enough and q_value <= limits.q_value:
            told[key].append(replace(each, q_value=float(q_value)))
    return {key: sorted(each, key=lambda t: (-t.weight, t.pain_point_id)) for key, each in told.items()}
