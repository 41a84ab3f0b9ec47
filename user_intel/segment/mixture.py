"""Who belongs to which group, and whether two groups are one: told in the components themselves.

UMAP and HDBSCAN find where groups are. But UMAP bends distances: edges fray, and one kind of users may lie in several
islands. In components, measured in units of luck, luck is the same for everybody, so groups have one shape and differ
in place. Belongs here: what is made of HDBSCAN's groups by a mixture of Student's t distributions with a common scatter
matrix (Peel and McLachlan 2000; heavy tails, as some users are more typical than others), started from them.

Two groups are one where the mixture cannot tell who is in which (Hennig 2010, "Methods for merging Gaussian mixture
components": directly estimated misclassification probabilities), or where the direction that tells half of their users
apart does not tell the other half apart. The two least apart are merged first, until all stand apart.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Values = NDArray[np.float32]
    Floats = NDArray[np.float64]
    Labels = NDArray[np.int64]
    Flags = NDArray[np.bool_]

# Two groups stand apart where no more of either are taken for the other, ...
_MOST_MISTAKEN = 0.07
# ... and held-out users of one lie so many spreads from those of the other. A normal crowd cut in two comes to 2.7.
_LEAST_APART = 3.2
# A group of fewer users than this in a half has no direction of its own.
_FEWEST_IN_HALF = 5
_ROUNDS = 60
# A round that adds less than this to the log-likelihood of a user is the last one.
_SETTLED = 1e-5
# Degrees of freedom that are tried every so many rounds, from heavy tails to nearly normal ones.
_TAILS, _TAILS_EVERY = (4.0, 7.0, 15.0, 100.0), 10
# Added to scatter and to what a direction is found with, in their mean variances: few users make thin ellipsoids.
_RIDGE, _DIRECTION_RIDGE = 1e-3, 0.1


@dataclass(frozen=True)
class Groups:
    """The groups of some users: each one's label (-1 none, largest group 0) and how surely it is theirs (0..1)."""

    labels: Labels
    probabilities: Floats

    @property
    def count(self) -> int:
        """How many groups there are."""
        return int(self.labels.max(initial=-1)) + 1


def groups_around(values: Values, cores: Labels, smallest: int) -> Groups:
    """The groups of all rows of `values`, given which rows surely belong together (`cores`: -1 for neither).

    None has fewer than `smallest` users, and all stand apart. Fewer than two are no groups: then everybody is in one.
    """
    rows = values.astype("float64")
    shares = _settled(rows, _from_labels(rows, cores), smallest) if cores.max(initial=-1) > 0 else _everybody(rows)
    while shares.shape[1] > 1:
        one, other, apart = _least_apart(rows, shares)
        if apart >= 1:
            break
        shares = _settled(rows, _merged(shares, one, other), smallest)
    return _by_size(shares.argmax(axis=1), shares)


def carried_on(values: Values, before: Labels) -> Labels:
    """Groups of the day before as they are today: whoever changed their ways moves, whoever is new has a group.

    In one step, so that a small group beside a large one does not wear away. Numbers stay as they were.
    """
    known, numbers = _numbered(before)
    found: Labels = known[_from_labels(values.astype("float64"), numbers).argmax(axis=1)]
    return found


def without(values: Values, labels: Labels, kept: Flags) -> Groups:
    """The groups of `labels` that are `kept`; the users of the others go where they fit best."""
    import numpy as np

    rows = values.astype("float64")
    if not kept.any():
        return Groups(np.full(len(rows), -1), np.zeros(len(rows)))
    numbers = np.append(np.where(kept, np.cumsum(kept) - 1, -1), -1)[labels]
    shares = _from_labels(rows, numbers)
    best = np.where(numbers >= 0, numbers, shares.argmax(axis=1))
    return _by_size(best, shares)


def _everybody(rows: Floats) -> Floats:
    import numpy as np

    return np.ones((len(rows), 1))


def _numbered(labels: Labels) -> tuple[Labels, Labels]:
    """The labels that occur, and each row's number among them; -1 stays."""
    import numpy as np

    known = np.unique(labels[labels >= 0])
    return known, np.where(labels >= 0, np.searchsorted(known, labels), -1)


def _by_size(labels: Labels, shares: Floats) -> Groups:
    import numpy as np

    sizes = np.bincount(labels, minlength=shares.shape[1])
    ranks = np.argsort(np.argsort(-sizes, kind="stable"))
    return Groups(ranks[labels].astype(np.int64), shares[np.arange(len(labels)), labels])


def _from_labels(rows: Floats, labels: Labels) -> Floats:
    """Shares as the labelled rows tell of them: how likely each row is each group's were all normal of one shape."""
    import numpy as np

    told = labels >= 0
    own = np.zeros((len(rows), int(labels.max()) + 1))
    own[np.flatnonzero(told), labels[told]] = 1.0
    distances, _ = _distances(rows, own, own)
    return _shares(np.log(own.sum(axis=0)) - distances / 2)[0]


def _settled(rows: Floats, shares: Floats, smallest: int) -> Floats:
    """The mixture that comes of these shares, without groups that are too small."""
    import numpy as np

    while True:
        shares = _fitted(rows, shares)
        sizes = np.bincount(shares.argmax(axis=1), minlength=shares.shape[1])
        if len(sizes) == 1 or sizes.min() >= smallest:
            return shares
        left = np.delete(shares, sizes.argmin(), axis=1) + 1e-12
        shares = left / left.sum(axis=1, keepdims=True)


def _fitted(rows: Floats, shares: Floats) -> Floats:
    """Expectation and maximisation in turn: the shares of each row (rows, groups)."""
    import numpy as np

    weights, tails, before = shares, _TAILS[1], -np.inf
    for number in range(_ROUNDS):
        distances, volume = _distances(rows, shares, weights)
        sizes = np.log(np.maximum(shares.sum(axis=0), 1e-9) / len(rows))
        width = rows.shape[1]
        if number % _TAILS_EVERY == 0:
            tails = max(_TAILS, key=lambda each: _shares(sizes + _density(distances, volume, width, each))[1])
        shares, likelihood = _shares(sizes + _density(distances, volume, width, tails))
        # Whoever is far from a group says little of where it lies.
        weights = shares * (tails + width) / (tails + distances)
        if likelihood - before < _SETTLED * len(rows) and number > 0:
            break
        before = likelihood
    return shares


def _distances(rows: Floats, shares: Floats, weights: Floats) -> tuple[Floats, float]:
    """The squared distance of each row from each group's middle, in the common scatter, and the log of its volume."""
    import numpy as np

    sums = np.maximum(weights.sum(axis=0), 1e-9)
    middles = (weights.T @ rows) / sums[:, None]
    scatter = ((rows * weights.sum(axis=1)[:, None]).T @ rows - (middles * sums[:, None]).T @ middles) / shares.sum()
    width = len(scatter)
    root = np.linalg.cholesky(scatter + (_RIDGE * np.trace(scatter) / width + 1e-9) * np.eye(width))
    seen, centres = np.linalg.solve(root, rows.T).T, np.linalg.solve(root, middles.T).T
    squares = (seen**2).sum(axis=1)[:, None] - 2 * seen @ centres.T + (centres**2).sum(axis=1)
    return np.maximum(squares, 0.0), float(2 * np.log(np.diag(root)).sum())


def _density(distances: Floats, volume: float, width: int, tails: float) -> Floats:
    """The logarithm of Student's t in so many dimensions."""
    from math import lgamma, log, pi

    import numpy as np

    whole = lgamma((tails + width) / 2) - lgamma(tails / 2) - width / 2 * log(tails * pi) - volume / 2
    return np.asarray(whole - (tails + width) / 2 * np.log1p(distances / tails))


def _shares(likely: Floats) -> tuple[Floats, float]:
    """How likely each group is of each row, and the log-likelihood of all rows."""
    import numpy as np

    most = likely.max(axis=1, keepdims=True)
    each = np.exp(likely - most)
    sums = each.sum(axis=1, keepdims=True)
    return each / sums, float((most + np.log(sums)).sum())


def _merged(shares: Floats, one: int, other: int) -> Floats:
    import numpy as np

    both = shares.copy()
    both[:, one] += both[:, other]
    return np.delete(both, other, axis=1)


def _least_apart(rows: Floats, shares: Floats) -> tuple[int, int, float]:
    """The two groups that are told apart least well, and how well: 1 is enough to be two."""
    import numpy as np

    labels = shares.argmax(axis=1)
    taken = np.stack([shares[labels == label].sum(axis=0) for label in range(shares.shape[1])], axis=1)
    mistaken = taken / np.maximum(shares.sum(axis=0)[:, None], 1e-9)
    found = (1, 0, np.inf)
    for one in range(1, shares.shape[1]):
        for other in range(one):
            sure = _MOST_MISTAKEN / max(mistaken[one, other], mistaken[other, one], 1e-9)
            apart = min(sure, _held_out_distance(rows[labels == one], rows[labels == other]) / _LEAST_APART)
            if apart < found[2]:
                found = (one, other, apart)
    return found


def _held_out_distance(one: Floats, other: Floats) -> float:
    """How far apart two groups are, along directions found on every other row and seen in the rest.

    In spreads of the wider one, as the tail of a crowd is wide and its body narrow.
    """
    import numpy as np

    if min(len(one), len(other)) < 2 * _FEWEST_IN_HALF:
        return 0.0
    seen = [np.empty(len(one)), np.empty(len(other))]
    for half in (0, 1):
        told = one[1 - half :: 2], other[1 - half :: 2]
        direction, middle = _direction(*told)
        for each, found in zip((one, other), seen, strict=True):
            found[half::2] = (each[half::2] - middle) @ direction
    return float((seen[0].mean() - seen[1].mean()) / max(seen[0].std(), seen[1].std(), 1e-12))


def _direction(one: Floats, other: Floats) -> tuple[Floats, Floats]:
    """Fisher's discriminant from the second group to the first, of unit spread, and the point between them."""
    import numpy as np

    middles = one.mean(axis=0), other.mean(axis=0)
    around = np.concatenate([one - middles[0], other - middles[1]])
    scatter = around.T @ around / max(len(around) - 2, 1)
    scatter += (_DIRECTION_RIDGE * np.trace(scatter) / len(scatter) + 1e-12) * np.eye(len(scatter))
    direction = np.linalg.solve(scatter, middles[0] - middles[1])
    spread = np.sqrt(direction @ scatter @ direction)
    return direction / max(spread, 1e-12), (middles[0] + middles[1]) / 2
