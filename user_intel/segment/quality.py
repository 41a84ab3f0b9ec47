"""How far groups can be believed: whether they recur, and whether there is anything to be grouped at all.

Belongs here: measures of labels and of matrices. What they are measured on is the business of `trials`.

- **Jaccard**: how much of a group is found again as one group when everything is done anew on a part of the users
  (Hennig 2007, "Cluster-wise assessment of cluster stability"; parts rather than bootstrap samples, as the copies in
  these make groups of their own; his scheme of subsetting).
- **Agreement**: the adjusted Rand index between two labellings of the same users.
- **Togetherness**: UMAP makes groups of anything. Where each column's values are dealt out anew to the users, the
  columns have the same values as before and no user has habits that go together. Users must be nearer to their
  neighbours than in such copies.
- **One crowd**: habits may go together without gaps, as when all depend on how busy people are. The pipeline cuts such
  a crowd up, too, and not quite differently each time. So groups must recur better than in one normal crowd of the same
  means and covariances (the null of SigClust, Liu et al. 2008).
"""

from __future__ import annotations

from itertools import combinations
from typing import TYPE_CHECKING

from user_intel.segment.neighbours import NOISE, nearest

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy as np
    from numpy.typing import NDArray

    Values = NDArray[np.float32]
    Floats = NDArray[np.float64]
    Labels = NDArray[np.int64]

# The mark of users that were not in a part.
ABSENT = -2
_COPIES = 12
_NEIGHBOURS = 5
# Standard deviations of shuffled copies; twelve of them give Student's t, which goes this far once in 50,000.
_FAR_FROM_CHANCE = 6.0


def jaccard(labels: Labels, others: Labels) -> Floats:
    """Of each group of `labels`, its overlap with the group of `others` most like it, among users present in both.

    Nan for a group without such users.
    """
    import numpy as np

    present = (labels != ABSENT) & (others != ABSENT)
    own, found = labels[present], others[present]
    groups, rivals = int(labels.max()) + 1, int(others.max(initial=NOISE)) + 1
    common = np.zeros((groups, rivals + 1))
    kept = own >= 0
    np.add.at(common, (own[kept], found[kept]), 1)
    sizes = common.sum(axis=1, keepdims=True)
    union = sizes + np.bincount(found[found >= 0], minlength=rivals)[None, :rivals] - common[:, :rivals]
    overlap = np.divide(common[:, :rivals], union, out=np.zeros_like(union), where=union > 0)
    return np.where(sizes[:, 0] > 0, overlap.max(axis=1, initial=0.0), np.nan)


def agreement(labellings: Sequence[Labels]) -> float:
    """The median adjusted Rand index of any two of them, each among the users present in both; noise is a group.

    The median: where one of six merges two groups by chance, a third of the pairs disagree and the groups are there.
    A labelling of fewer than two groups agrees with none: that nothing was found twice is no group that recurs.
    """
    import numpy as np

    return float(np.median([rand_index(one, other) for one, other in combinations(labellings, 2)]))


def rand_index(one: Labels, other: Labels) -> float:
    """The adjusted Rand index among users present in both; 0 where one has fewer than two groups."""
    from sklearn.metrics import adjusted_rand_score

    if min(one.max(), other.max()) < 1:
        return 0.0
    present = (one != ABSENT) & (other != ABSENT)
    return float(adjusted_rand_score(one[present], other[present]))


def shuffled(values: Values, seed: int) -> Values:
    """A copy in which each column's values are dealt out anew: the same habits, but none that go together."""
    import numpy as np

    dice = np.random.default_rng(seed)
    return np.column_stack([dice.permutation(column) for column in values.T]).astype(np.float32)


def one_crowd(values: Values, seed: int) -> Values:
    """As many users of one normal distribution with the means and covariances of `values`."""
    import numpy as np

    middle, spread = (
        values.mean(axis=0, dtype=np.float64),
        np.atleast_2d(np.cov(values, rowvar=False, dtype=np.float64)),
    )
    widths, directions = np.linalg.eigh(spread)
    dice = np.random.default_rng(seed).normal(size=values.shape)
    return np.asarray(middle + (dice * np.sqrt(np.maximum(widths, 0))) @ directions.T, dtype=np.float32)


def togetherness(values: Values, seed: int) -> float:
    """How much nearer users are to their neighbours than in shuffled copies, in standard deviations of the copies."""
    import numpy as np

    copies = np.array([_typical_distance(shuffled(values, seed + copy)) for copy in range(1, _COPIES + 1)])
    spread = float(copies.std(ddof=1) * np.sqrt(1 + 1 / _COPIES))
    return float((copies.mean() - _typical_distance(values)) / max(spread, 1e-9))


def beyond_chance(togetherness: float) -> bool:
    """Whether habits go together at all."""
    return togetherness >= _FAR_FROM_CHANCE


def _typical_distance(values: Values) -> float:
    near = nearest(values, min(_NEIGHBOURS + 1, len(values)))
    return float(near.distances[:, 1:].mean())
