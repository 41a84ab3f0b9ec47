"""How much a group differs from the rest in one measure: Cliff's delta with its interval, medians and quartiles.

Cliff's delta (1993) is the chance that a user of the group has more than one of the rest, less the chance of the
opposite: -1..1, 0 where they are alike, blind to the measure's scale and to outliers. Its variance is DeLong's (1988),
its 95 % interval the asymmetric one of Feng and Cliff (2004), in which it stays within -1..1.

The groups were found in these very measures, so a p-value here does not prove that they exist (that is what shuffling,
seeds and resamples are for); it only keeps chance out of what is said of a small one.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from user_intel.detect.statistics import Z95

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

    from user_intel.detect.statistics import Floats

    Integers = npt.NDArray[np.int64]


@dataclass(frozen=True)
class Spread:
    """Number of known values, their mean, median and quartiles."""

    users: int
    mean: float
    low: float
    median: float
    high: float


@dataclass(frozen=True)
class Effect:
    """Cliff's delta of a group against the rest, its 95 % interval and two-sided p-value; and both sides' values."""

    delta: float
    low: float
    high: float
    p_value: float
    group: Spread
    rest: Spread


class Measure:
    """One measure of all users, ranked once; then compared group by group. Values that are not finite take no part."""

    def __init__(self, values: Floats) -> None:
        import numpy as np

        self._known = np.isfinite(values)
        self._values, codes = np.unique(values[self._known], return_inverse=True)
        self._codes: Integers = codes
        self._all: Integers = np.bincount(codes, minlength=len(self._values))

    def effect(self, members: npt.NDArray[np.bool_]) -> Effect | None:
        """The effect of being in a group, `members[i]` for user i; None where one side has fewer than two values."""
        import numpy as np

        mine = np.bincount(self._codes[members[self._known]], minlength=len(self._values))
        others = self._all - mine
        if mine.sum() < 2 or others.sum() < 2:
            return None
        delta, error = _cliffs_delta(mine, others)
        low, high = _interval(delta, error, int(min(mine.sum(), others.sum())))
        return Effect(delta, low, high, _p_value(delta, error, low, high), self._spread(mine), self._spread(others))

    def _spread(self, counts: Integers) -> Spread:
        import numpy as np

        users = int(counts.sum())
        reached = np.cumsum(counts)
        # Inverse of the distribution function: a value that some user has.
        low, median, high = (float(self._values[np.searchsorted(reached, part * users)]) for part in (0.25, 0.5, 0.75))
        mean = float((self._values * counts).sum() / users)
        return Spread(users, mean, low, median, high)


def _cliffs_delta(mine: Integers, others: Integers) -> tuple[float, float]:
    """Delta and its standard error, from how often each value occurs on both sides."""
    n, m = int(mine.sum()), int(others.sum())
    above = _dominance(others, m)  # of each value, over the others
    under = _dominance(mine, n)
    delta = float((mine * above).sum() / n)
    variance = (mine * (above - delta) ** 2).sum() / (n - 1) / n
    variance += (others * (under + delta) ** 2).sum() / (m - 1) / m
    return max(-1.0, min(1.0, delta)), float(variance) ** 0.5


def _dominance(counts: Integers, total: int) -> Floats:
    """For each value, the share of `counts` that lie below it less the share above."""
    import numpy as np

    below = np.cumsum(counts) - counts
    above = total - below - counts
    return np.asarray((below - above) / total, dtype=np.float64)


def _interval(delta: float, error: float, smaller: int) -> tuple[float, float]:
    if abs(delta) == 1:
        # Nothing overlaps, so nothing varies: what so many users could have hidden.
        near = (smaller - Z95**2) / (smaller + Z95**2)
        return (near, 1.0) if delta > 0 else (-1.0, -near)
    spread = Z95 * error * ((1 - delta**2) ** 2 + (Z95 * error) ** 2) ** 0.5
    middle, scale = delta - delta**3, 1 - delta**2 + (Z95 * error) ** 2
    return max(-1.0, (middle - spread) / scale), min(1.0, (middle + spread) / scale)


def _p_value(delta: float, error: float, low: float, high: float) -> float:
    from scipy.special import ndtr

    spread = max(error, (high - low) / 2 / Z95 if abs(delta) == 1 else 0.0)
    if spread == 0:
        return 1.0
    return float(2 * ndtr(-abs(delta) / spread))
