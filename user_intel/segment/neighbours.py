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


def place(values: Values, fitted: Values, labels: Labels, drawn: Floats, count: int) -> Placed:
    """Each row of `values` where most of its `count` nearest `fitted` rows are, noise being a group like any other.

    Drawn amid those neighbours that are of the same group. Of groups with equal votes the nearest one's wins.
    """
    import numpy as np
    from sklearn.neighbors import NearestNeighbors

    index = NearestNeighbors(n_neighbors=count, algorithm="brute").fit(fitted)
    found = Placed(np.empty(len(values), np.int64), np.empty(len(values)), np.empty((len(values), drawn.shape[1])))
    for start in range(0, len(values), _CHUNK):
        part = slice(start, start + _CHUNK)
        rows = index.kneighbors(values[part], return_distance=False)
        found.labels[part], found.shares[part] = _most_votes(labels[rows])
        alike = (labels[rows] == found.labels[part, None]).astype(np.float64)
        found.places[part] = (drawn[rows] * alike[:, :, None]).sum(axis=1) / alike.sum(axis=1, keepdims=True)
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
