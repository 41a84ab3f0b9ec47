"""What of users' habits is theirs, and what is the luck of few sessions: components, the surest first.

A user's sessions are split in two halves; where the halves of the same user differ, that is luck. Of all directions in
which users differ, those are kept in which they differ clearly more than their own halves do, each measured in units of
that luck and weighed by how much of it is the users' own (the best linear prediction of a habit from what was seen). So
a feature used by few by accident counts for nothing, and habits that show in every session count in full.

The generalised eigenvectors of total against noise covariance: the maximum noise fraction transform (Green, Berman,
Switzer and Craig 1988), or noise-adjusted principal components (Lee, Woodyatt and Berman 1990).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]
    Flags = NDArray[np.bool_]

# With fewer users whose sessions can be halved, how far luck goes is not known well enough.
LEAST_HALVED = 200
# Users differ in a component so many times as much as luck makes them (variances; 1 is luck alone).
LEAST_RATIO = 1.5
MOST_COMPONENTS = 12
# Added to the noise of each column, in its variances: what two halves share by luck, such as the weather, is noise too.
_RIDGE = 0.05
# Standardised at a time: a million users' columns are not held twice.
_ROWS_AT_ONCE = 100_000


@dataclass(frozen=True)
class Components:
    """`values` (users, components), weighed units of luck; `ratios`: variance of each against luck's, largest first.

    `loadings` (columns, components) turn standardised columns into components in units of luck, and 1 - 1 / ratio is
    the weight of each.
    """

    values: Floats
    ratios: Floats
    loadings: Floats


def reliable_components(values: Floats, first: Floats, second: Floats, shaping: Flags) -> Components:
    """The components of `values` (users, columns), given the same columns for two halves of some users' sessions.

    `first` and `second` have a row for each of these users; what is unknown there (NaN) tells nothing. Users who are
    `shaping` say how users differ; among them all columns of `values`, which are finite, do.
    """
    import numpy as np
    from scipy.linalg import eigh

    shapes = values[shaping]
    middle, spread = shapes.mean(axis=0), shapes.std(axis=0)
    shapes = (shapes - middle) / spread
    total = shapes.T @ shapes / len(shapes)
    ratios, vectors = eigh(total, _luck((first - second) / spread))
    ratios, vectors = ratios[::-1], vectors[:, ::-1]
    kept = max(1, min(MOST_COMPONENTS, int((ratios > LEAST_RATIO).sum())))
    loadings = vectors[:, :kept]
    # An eigenvector's sign is anybody's: the largest loading is positive.
    loadings = loadings * np.sign(loadings[np.abs(loadings).argmax(axis=0), np.arange(kept)])
    found = np.empty((len(values), kept))
    for start in range(0, len(values), _ROWS_AT_ONCE):
        part = slice(start, start + _ROWS_AT_ONCE)
        found[part] = (values[part] - middle) / spread @ loadings * (1 - 1 / ratios[:kept])
    return Components(found, ratios[:kept], loadings)


def _luck(differences: Floats) -> Floats:
    """The covariance of what luck does to whole users: a half has twice its variance, a difference four times."""
    import numpy as np

    known = np.isfinite(differences)
    # As wide as they would be were all known; pair by pair would not be a covariance.
    told = np.where(known, differences, 0.0) * np.sqrt(len(known) / np.maximum(known.sum(axis=0), 1))
    return np.asarray(told.T @ told / len(told) / 4 + _RIDGE * np.eye(told.shape[1]))
