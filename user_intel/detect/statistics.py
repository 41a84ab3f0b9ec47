"""How sure one can be: intervals, expected rates, and one test for all detectors.

**The test** is a predictive one. What is expected of a subject (a step, an element, a cycle) comes from a reference:
its own baseline, the rest of the product's users at the same step, or comparable steps. The reference says which rate
to expect and how far off it may be; the p-value is the probability of a rate at least as high under it. What makes an
expectation uncertain adds up on the logit scale:

    sampling of the reference + the common shift of the day + how much such rates vary by themselves

- The *common shift*: what moved at all other subjects too (weekend, holiday, another mix of visitors) is no friction at
  one of them. It is the mean of the others' shifts, each cut at half a logit so that another friction cannot pull it.
- *How much they vary by themselves*: between days for a baseline, between steps for segments and comparable steps; a
  robust estimate over all subjects, never less than a floor. Nothing becomes significant by traffic alone.

With mean m and variance v the predicted rate of N units is taken as Beta with mean m and variance m(1-m)/N + v: exact
tails where counts are small, the normal ones where they are large. Times are tested likewise, as means of logarithms.

Sources: Wilson (1927), "Probable inference"; Benjamini and Hochberg (1995); predictive p-values of Box (1980);
the Cauchy combination of dependent tests, Liu and Xie (2020).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

    Floats = npt.NDArray[np.float64]
    Flags = npt.NDArray[np.bool_]
    Integers = npt.NDArray[np.int64]

Z95 = 1.959963984540054
_LARGEST_PULL = 0.5
_OTHERS_DIFFER_SD = 0.15
_ENOUGH_TO_LEARN_SPREAD = 5
_ENOUGH_TO_BE_ROBUST = 8
# A spread learned from a median is worth so much of one learned from all squares.
_MEDIANS_WORTH = 0.37
# What is known beforehand of how much values vary is worth as much as so many subjects.
_PRIOR_FREEDOM = 100.0
_PEERS_PRIOR_FREEDOM = 3.0
# Of one degree of freedom.
_MEDIAN_OF_CHI_SQUARE = 0.454936


@dataclass(frozen=True)
class Counts:
    """Units and hits of subjects, as arrays of one shape. Half a hit is added to both kinds before logits are taken."""

    units: Floats
    hits: Floats

    @property
    def value(self) -> Floats:
        """hits / units; 0 where there are no units."""
        import numpy as np

        return np.divide(self.hits, self.units, out=np.zeros_like(self.units), where=self.units > 0)

    @property
    def link(self) -> Floats:
        """The logarithm of the odds, half a hit added on both sides."""
        import numpy as np

        return np.log((self.hits + 0.5) / (self.units - self.hits + 0.5))

    @property
    def link_variance(self) -> Floats:
        """Sampling variance of `link`."""
        return 1 / (self.hits + 0.5) + 1 / (self.units - self.hits + 0.5)

    @staticmethod
    def unlink(link: Floats) -> Floats:
        """The rate of a logit."""
        from scipy.special import expit

        return np_floats(expit(link))

    def tail(self, expectation: Expectation) -> Floats:
        """The probability of a rate at least as high; 1 where there are no hits."""
        import numpy as np
        from scipy.special import betainc

        m, n = self.unlink(expectation.link), np.maximum(self.units, 1e-9)
        slope = m * (1 - m)
        # A rate cannot vary more than between nothing and everything.
        variance = np.minimum(slope / n + slope**2 * expectation.variance, 0.95 * slope)
        size = slope / variance - 1
        at = np.clip((self.hits - 0.5) / n, 0, 1)
        found = betainc(np.maximum((1 - m) * size, 1e-9), np.maximum(m * size, 1e-9), 1 - at)
        return np.where((self.units > 0) & (self.hits > 0), expectation.heavier(np.clip(found, 0, 1)), 1.0)


@dataclass(frozen=True)
class Times:
    """How long visits lasted, as logarithms of seconds: their number, sum and sum of squares."""

    units: Floats
    total: Floats
    squares: Floats

    @property
    def link(self) -> Floats:
        """Mean logarithm; its exponential is the geometric mean, near the median of such times."""
        import numpy as np

        return np.divide(self.total, self.units, out=np.zeros_like(self.units), where=self.units > 0)

    @property
    def value(self) -> Floats:
        """Geometric mean in seconds."""
        import numpy as np

        return np.exp(self.link)

    @property
    def link_variance(self) -> Floats:
        """Sampling variance of `link`; no visits vary less than by a third of their length."""
        import numpy as np

        n = np.maximum(self.units, 1e-9)
        within = np.maximum(self.squares / n - self.link**2, 0.1)
        return within / n

    @staticmethod
    def unlink(link: Floats) -> Floats:
        """The seconds of a mean logarithm."""
        import numpy as np

        return np_floats(np.exp(link))

    def tail(self, expectation: Expectation) -> Floats:
        """The probability of times at least as long; 1 where there are no visits."""
        import numpy as np
        from scipy.special import ndtr

        distance = (self.link - expectation.link) / np.sqrt(self.link_variance + expectation.variance)
        return np.where(self.units > 0, expectation.heavier(ndtr(-distance)), 1.0)


Evidence = Counts | Times


@dataclass(frozen=True)
class Expectation:
    """What a reference lets expect: the value on the scale of logits (or logarithms) and the variance of knowing it.

    `freedom`: how many subjects taught how much such values vary; with few of them tails are heavier than normal ones.
    """

    link: Floats
    variance: Floats
    freedom: float

    def heavier(self, p_values: Floats) -> Floats:
        """Normal tail probabilities as Student's with `freedom` degrees."""
        from scipy.special import ndtri, stdtr

        return np_floats(stdtr(self.freedom, ndtri(p_values)))


def np_floats(values: Any) -> Floats:
    """`values` as an array of floats."""
    import numpy as np

    return np.asarray(values, dtype=np.float64)


def wilson(hits: Any, units: Any) -> tuple[Any, Any]:
    """The Wilson 95 % interval of hits / units, elementwise; (0, 1) where there are no units."""
    import numpy as np

    hits, units = np.asarray(hits, dtype=float), np.asarray(units, dtype=float)
    n = np.where(units > 0, units, 1.0)
    rate, square = hits / n, Z95**2
    middle = (rate + square / (2 * n)) / (1 + square / n)
    half = Z95 / (1 + square / n) * np.sqrt(np.maximum(rate * (1 - rate) / n + square / (4 * n**2), 0))
    empty = units <= 0
    return np.where(empty, 0.0, np.maximum(middle - half, 0)), np.where(empty, 1.0, np.minimum(middle + half, 1))


def expect(
    reference: Evidence, seen: Evidence, groups: Integers, subjects: Integers, floor_sd: float, shift_sd: float
) -> Expectation:
    """What `reference` lets expect of `seen`, row by row.

    Rows of one group (a segment) share a common shift, expected within `shift_sd`. How much values vary is learned from
    other subjects' rows, since all rows of one may be in trouble. Rows without units on either side take no part.
    """
    import numpy as np

    known = (reference.units > 0) & (seen.units > 0)
    shifts = np.where(known, seen.link - reference.link, np.nan)
    sampling = np.where(known, seen.link_variance + reference.link_variance, np.nan)
    shift, shift_variance = common_shift(shifts, sampling, groups, shift_sd)
    others = len(set(subjects[known].tolist())) - 1
    between = _spread_of_others(shifts - shift, sampling + shift_variance, subjects, floor_sd, others)
    variance = reference.link_variance + shift_variance + between
    return Expectation(reference.link + shift, variance, max(others, 0) + _PRIOR_FREEDOM)


def _spread_of_others(
    deviations: Floats, variances: Floats, subjects: Integers, floor_sd: float, others: int
) -> Floats:
    import numpy as np

    if others >= _ENOUGH_TO_BE_ROBUST:
        return np.full(len(deviations), spread(deviations, variances, floor_sd))
    # One of few subjects is not outvoted by the others: each learns from them only, and knows less.
    found = np.full(len(deviations), (2 * floor_sd) ** 2)
    for subject in np.unique(subjects):
        own = subjects == subject
        found[own] = max((2 * floor_sd) ** 2, spread(np.where(own, np.nan, deviations), variances, floor_sd))
    return found


def expect_like_others(seen: Evidence, peers: Flags, floor_sd: float) -> Expectation:
    """What the other `peers` let expect of each row: their mean on the link scale and how far they lie apart."""
    import numpy as np

    link, sampling = seen.link, seen.link_variance
    taught = peers & (seen.units > 0)
    between = floor_sd**2
    if taught.any():
        for _ in range(3):
            weight = np.where(taught, 1 / (sampling + between), 0)
            middle = float(weighted_median(link[taught], weight[taught]))
            between = spread(np.where(taught, link - middle, np.nan), sampling, floor_sd)
    weight = np.where(taught, 1 / (sampling + between), 0)
    pull = np.where(taught, np.clip(link - middle if taught.any() else link, -1.5, 1.5), 0) * weight
    others, pulls = weight.sum() - weight, pull.sum() - pull
    mean = (middle if taught.any() else 0.0) + pulls / np.maximum(others, 1e-9)
    freedom = _MEDIANS_WORTH * (float(taught.sum()) - 1) + _PEERS_PRIOR_FREEDOM
    return Expectation(mean, between + 1 / np.maximum(others, 1e-9), freedom)


def weighted_median(values: Floats, weights: Floats) -> float:
    """The value at which half of the weight is reached."""
    import numpy as np

    order = np.argsort(values)
    reached = np.cumsum(weights[order])
    return float(values[order][np.searchsorted(reached, reached[-1] / 2)])


def common_shift(shifts: Floats, variances: Floats, groups: Integers, prior_sd: float) -> tuple[Floats, Floats]:
    """What the other subjects of its group shifted by on average, for each subject, and the variance of knowing it.

    Subjects without a shift (nan) learn from the others and teach nothing.
    """
    import numpy as np

    known = np.isfinite(shifts) & np.isfinite(variances)
    weight = np.where(known, 1 / (np.where(known, variances, 1) + _OTHERS_DIFFER_SD**2), 0)
    pull = np.where(known, np.clip(np.where(known, shifts, 0), -_LARGEST_PULL, _LARGEST_PULL), 0) * weight
    count = int(groups.max()) + 1 if len(groups) else 0
    weights = np.bincount(groups, weight, count)[groups] - weight
    pulls = np.bincount(groups, pull, count)[groups] - pull
    precision = weights + 1 / prior_sd**2
    return pulls / precision, 1 / precision


def spread(deviations: Floats, variances: Floats, floor_sd: float) -> float:
    """The variance by which subjects vary beyond sampling, at least `floor_sd` squared.

    That variance which makes the median of the squared standardised deviations what it is for normal ones (0.455): up
    to half of the subjects may be in trouble without being taken for what is ordinary.
    """
    import numpy as np

    known = np.isfinite(deviations) & np.isfinite(variances)
    lowest = floor_sd**2
    if known.sum() < _ENOUGH_TO_LEARN_SPREAD:
        return lowest
    squares, sampling = deviations[known] ** 2, variances[known]

    def too_small(found: float) -> bool:
        return float(np.median(squares / (sampling + found))) > _MEDIAN_OF_CHI_SQUARE

    if not too_small(lowest):
        return lowest
    highest = max(float(squares.max()), lowest)
    for _ in range(40):
        middle = (lowest + highest) / 2
        lowest, highest = (middle, highest) if too_small(middle) else (lowest, middle)
    return highest


def united(p_values: Floats, weights: Floats) -> Floats:
    """One p-value of several about the same question, however they depend on each other; along the first axis.

    The Cauchy combination: a weighted mean of tan(pi (1/2 - p)), whose tail is that of a Cauchy variable. Nan takes no
    part; nan where all are. `weights` share the error allowed; they need not add up to 1.
    """
    import numpy as np

    known = np.isfinite(p_values)
    shares = np.where(known, np.broadcast_to(weights, p_values.shape), 0.0)
    total = shares.sum(axis=0)
    # What is certainly not worse must not hide what is.
    clipped = np.clip(np.where(known, p_values, 0.5), 1e-300, 0.99)
    # 1 / tan(pi p) keeps its precision where p is tiny.
    mean = (shares / np.tan(np.pi * clipped)).sum(axis=0) / np.where(total > 0, total, 1.0)
    found = np.where(mean > 0, np.arctan2(1.0, np.maximum(mean, 1e-300)) / np.pi, 0.5 - np.arctan(mean) / np.pi)
    return np.where(total > 0, np.clip(found, 0, 1), np.nan)


def benjamini_hochberg(p_values: Any) -> Floats:
    """The q-value of each p-value: the share of false discoveries when all up to it are called discoveries."""
    import numpy as np

    p_values = np.asarray(p_values, dtype=float)
    q_values = np.full(len(p_values), np.nan)
    tested = np.flatnonzero(np.isfinite(p_values))
    falling = tested[np.argsort(p_values[tested])[::-1]]
    # Not scipy.stats.false_discovery_control: importing scipy.stats takes longer than the rest of most days.
    shares = np.clip(p_values[falling], 0, 1) * len(tested) / np.arange(len(tested), 0, -1)
    q_values[falling] = np.minimum(np.minimum.accumulate(shares), 1)
    return q_values
