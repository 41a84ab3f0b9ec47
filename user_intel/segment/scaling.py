"""From raw habits to numbers whose distances mean something: arrays in, arrays out.

- A share of few trials is pulled towards the product's mean (a beta prior fitted by moments): two visits make nobody an
  extreme. It is then stretched by the arcsine of its root, so that 1 % against 3 % is as far as it should be.
- What has a heavy tail (counts, durations) goes through the logarithm.
- Everything is centred on its median and divided by its spread, and cut off at `CUT` spreads.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]

# How far from the middle a habit may place a user, in spreads.
CUT = 3.0
# An interquartile range times this is a standard deviation where values are spread normally.
_IQR_TO_DEVIATION = 1 / 1.349
# The root of a share is 1/2, itself is 1.
_LIFT = 0.75
# A prior is worth at least and at most so many trials.
_LEAST_PRIOR, _MOST_PRIOR = 1.0, 50.0


def shrunk(share: Floats, trials: Floats) -> Floats:
    """Each user's share, pulled towards the mean the more the fewer trials it is of; the mean where there are none."""
    import numpy as np

    known = trials > 0
    if not known.any():
        return np.zeros_like(share)
    hits = np.where(known, np.nan_to_num(share) * trials, 0.0)
    mean = hits.sum() / trials[known].sum()
    prior = prior_trials(share[known], trials[known], mean)
    return np.asarray((hits + prior * mean) / (np.where(known, trials, 0.0) + prior))


def prior_trials(share: Floats, trials: Floats, mean: float) -> float:
    """How many trials the product's mean is worth: few where users differ more than chance makes them."""
    import numpy as np

    chance = mean * (1 - mean)
    if chance <= 0:
        return _MOST_PRIOR
    weights = trials / trials.sum()
    spread = float((weights * (share - mean) ** 2).sum())
    by_luck = chance * float((weights / trials).sum())
    real = spread - by_luck
    if real <= 0:
        return _MOST_PRIOR
    return float(np.clip(chance / real - 1, _LEAST_PRIOR, _MOST_PRIOR))


def stretched(share: Floats) -> Floats:
    """The arcsine of the root: equal differences are equally sure, at 2 % as at 50 %."""
    import numpy as np

    return np.asarray(np.arcsin(np.sqrt(np.clip(share, 0.0, 1.0))))


def lifted(share: Floats) -> Floats:
    """Between the share itself and its arcsine of the root: never is nearer to once than there, 50 % to 60 % too."""
    import numpy as np

    return np.asarray(np.clip(share, 0.0, 1.0) ** _LIFT)


def standardised(values: Floats) -> Floats:
    """Spreads away from the median, at most `CUT`. Values are finite and not all the same."""
    import numpy as np

    low, middle, high = np.quantile(values, [0.25, 0.5, 0.75])
    spread = (high - low) * _IQR_TO_DEVIATION
    # A habit of few users has no range between quartiles, or one that makes them giants.
    return np.asarray(np.clip((values - middle) / max(spread, float(values.std())), -CUT, CUT))


def signed_log(values: Floats) -> Floats:
    """log(1 + |value|) with the value's sign: for what has a heavy tail, at either end."""
    import numpy as np

    return np.asarray(np.sign(values) * np.log1p(np.abs(values)))
