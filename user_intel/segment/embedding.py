"""UMAP: users near each other in behaviour drawn together, in some ten dimensions to find groups and in two to look at.

Belongs here: the calls of umap-learn and the choices it is called with. Neighbours are found once (`neighbours`) and
shared by both embeddings. The start is the principal components, their signs fixed, so that the outcome depends on the
rows and the seed alone; one thread, since several write over each other's moves and no two runs agree.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import sqrt
from typing import TYPE_CHECKING, Any

from user_intel.product import Clusters

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from user_intel.segment.neighbours import Neighbours

    Values = NDArray[np.float32]
    Floats = NDArray[np.float64]

_FEWEST_NEIGHBOURS = 10
_MOST_NEIGHBOURS = 30
# The start spans so much in its widest dimension; distances of UMAP's own random start.
_SPAN = 10.0
_JITTER = 1e-4
# UMAP's own defaults, which its public functions ask to be told.
_LEARNING_RATE, _REPULSION, _NEGATIVE_SAMPLES = 1.0, 1.0, 5
DRAWING_DIMENSIONS = 2


@dataclass(frozen=True)
class Shape:
    """What an embedding of so many users is made with."""

    neighbours: int
    dimensions: int
    epochs: int


def shape_for(users: int, features: int, choices: Clusters) -> Shape:
    """More users, more neighbours: half the root of their number, 10 to 30. No more dimensions than features."""
    neighbours = min(_MOST_NEIGHBOURS, max(_FEWEST_NEIGHBOURS, round(sqrt(users) / 2)))
    return Shape(
        neighbours=min(neighbours, users - 1),
        dimensions=max(DRAWING_DIMENSIONS, min(choices.dimensions, features)),
        epochs=choices.epochs,
    )


def fuzzy_graph(values: Values, near: Neighbours, seed: int) -> Any:
    """How much each row belongs with its neighbours, as UMAP weighs it: a symmetric sparse matrix."""
    import numpy as np

    count = near.indices.shape[1]
    graph, _, _ = _umap().fuzzy_simplicial_set(
        values, count, np.random.RandomState(seed), "euclidean", knn_indices=near.indices, knn_dists=near.distances
    )
    return graph


def embed(values: Values, graph: Any, dimensions: int, epochs: int, seed: int, min_distance: float = 0.0) -> Floats:
    """Coordinates of each row. The same rows and seed give the same coordinates, bit for bit, on one machine."""
    import numpy as np

    a, b = _umap().find_ab_params(1.0, min_distance)
    found, _ = _umap().simplicial_set_embedding(
        values,
        graph,
        dimensions,
        _LEARNING_RATE,
        a,
        b,
        _REPULSION,
        _NEGATIVE_SAMPLES,
        epochs,
        _start(values, dimensions, seed),
        np.random.RandomState(seed),
        "euclidean",
        {},
        densmap=False,
        densmap_kwds={},
        output_dens=False,
        parallel=False,
    )
    return np.asarray(found, dtype=np.float64)


def _umap() -> Any:
    """umap-learn's functions, without its word that a part of it would like TensorFlow."""
    import warnings

    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ImportWarning)
        from umap import umap_
    return umap_


def principal_components(values: Values, dimensions: int) -> Floats:
    """The first principal components, each pointing to where its largest loading is positive; 0 where too few."""
    import numpy as np

    found = np.zeros((len(values), dimensions))
    if 0 in values.shape:
        return found
    centred = values.astype(np.float64) - values.mean(axis=0, dtype=np.float64)
    _, vectors = np.linalg.eigh(centred.T @ centred)
    vectors = vectors[:, ::-1][:, :dimensions]
    signs = np.sign(vectors[np.abs(vectors).argmax(axis=0), np.arange(vectors.shape[1])])
    found[:, : vectors.shape[1]] = centred @ (vectors * signs)
    return found


def _start(values: Values, dimensions: int, seed: int) -> Values:
    """The principal components as UMAP wants its start: of a usual width, and no two rows in the same place."""
    import numpy as np

    components = principal_components(values, dimensions)
    widest = float(np.abs(components).max()) or 1.0
    jitter = np.random.default_rng(seed).normal(scale=_JITTER, size=components.shape)
    return (components * (_SPAN / widest) + jitter).astype(np.float32)
