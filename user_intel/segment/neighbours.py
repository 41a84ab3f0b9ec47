"""Who is nearest to whom in behaviour, exactly; and where users belong who were not clustered themselves.

Belongs here: distances between rows of the matrix. Exact neighbours by matrix products cost less than building an
index up to some 20,000 rows of 40 columns, and spare every new process the 40 seconds that pynndescent compiles.
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
    Rows = NDArray[np.int64]
    Flags = NDArray[np.bool_]

NOISE = -1

# How lonely a row is, is how far its tenth neighbour is.
_TENTH = 10
# Rows asked for at a time: what is held of a million users' neighbours stays small.
_CHUNK = 50_000


@dataclass(frozen=True)
class Neighbours:
    """Of each row its nearest rows, nearest first, and how far they are (Euclidean). A row is its own first one."""

    indices: Rows
    distances: Floats


@dataclass(frozen=True)
class Placed:
    """Where rows belong by the vote of their nearest fitted ones: group, share of votes for it, and place drawn."""

    labels: Labels
    shares: Floats
    places: Floats


def nearest(values: Values, count: int) -> Neighbours:
    """The `count` nearest rows of each row, itself included."""
    import numpy as np
    from sklearn.neighbors import NearestNeighbors

    distances, indices = NearestNeighbors(n_neighbors=count, algorithm="brute").fit(values).kneighbors(values)
    return Neighbours(np.asarray(indices, dtype=np.int64), np.asarray(distances, dtype=np.float64))


def reach_of(values: Values, times: float) -> tuple[float, Flags]:
    """The distance to the tenth neighbour that is `times` the usual (median) one, and which rows lie within it.

    Whoever lies farther from everybody is like no group: UMAP would draw all such users together all the same.
    """
    import numpy as np

    if len(values) <= _TENTH or not values.shape[1]:
        return float("inf"), np.ones(len(values), dtype=bool)
    tenth = nearest(values, _TENTH + 1).distances[:, -1]
    # Where most users have ten twins, what is usual among the others.
    reach = times * float(np.median(tenth[tenth > 0])) if (tenth > 0).any() else float("inf")
    return reach, tenth <= reach


def place(values: Values, fitted: Values, labels: Labels, drawn: Floats, count: int, reach: float) -> Placed:
    """Each row of `values` where most of its `count` nearest `fitted` rows are, noise being a group like any other.

    Drawn amid those neighbours that are of the same group. Of groups with equal votes the nearest one's wins. Noise
    when the tenth neighbour is beyond `reach`.
    """
    import numpy as np
    from sklearn.neighbors import NearestNeighbors

    index = NearestNeighbors(n_neighbors=count, algorithm="brute").fit(fitted)
    found = Placed(np.empty(len(values), np.int64), np.empty(len(values)), np.empty((len(values), drawn.shape[1])))
    for start in range(0, len(values), _CHUNK):
        part = slice(start, start + _CHUNK)
        distances, rows = index.kneighbors(values[part])
        best, found.shares[part] = _most_votes(labels[rows])
        alike = (labels[rows] == best[:, None]).astype(np.float64)
        found.places[part] = (drawn[rows] * alike[:, :, None]).sum(axis=1) / alike.sum(axis=1, keepdims=True)
        found.labels[part] = np.where(distances[:, min(_TENTH, count) - 1] > reach, NOISE, best)
    return found


def _most_votes(votes: Labels) -> tuple[Labels, Floats]:
    """The label most frequent in each row of votes, the earlier one of equals, and its share."""
    import numpy as np

    counts = np.zeros(votes.shape, dtype=np.int64)
    for place in range(votes.shape[1]):
        counts += votes == votes[:, place, None]
    best = counts.argmax(axis=1)
    each = np.arange(len(votes))
    return votes[each, best], counts[each, best] / votes.shape[1]
