"""What else could be done with the same features: other ways of grouping, and what whoever knows the answer would get.

Each way gets the users that ours is fitted on, and as many advantages as it can use: k-means is told the number of
archetypes.
"""

from __future__ import annotations

import warnings
from typing import TYPE_CHECKING, Any

from user_intel.bench.segments_score import Ceiling

if TYPE_CHECKING:
    from collections.abc import Iterator

    import numpy as np
    from numpy.typing import NDArray

    from user_intel.product import Clusters

    Floats = NDArray[np.float64]
    Labels = NDArray[np.int64]

_FOLDS = 5
_PCA_DIMENSIONS = 10


def ceiling(features: Floats, archetypes: Labels) -> Ceiling:
    """The better of two linear classifiers on all features, and the best single feature, told by others' labels."""
    import numpy as np
    from sklearn.discriminant_analysis import LinearDiscriminantAnalysis
    from sklearn.linear_model import LogisticRegression
    from sklearn.metrics import adjusted_rand_score
    from sklearn.model_selection import StratifiedKFold, cross_val_predict

    counts = np.bincount(archetypes)
    # An archetype of a handful cannot be learned from the others.
    some = counts[archetypes] >= _FOLDS
    features, archetypes = standardised(features[some]), archetypes[some]
    folds = StratifiedKFold(_FOLDS, shuffle=True, random_state=0)
    told: list[Labels] = []
    for model in (
        LinearDiscriminantAnalysis(solver="lsqr", shrinkage="auto"),
        LogisticRegression(C=0.1, max_iter=2000),
    ):
        told.append(cross_val_predict(model, features, archetypes, cv=folds))
    best = max(told, key=lambda labels: float((labels == archetypes).mean()))
    single = [
        float(
            (
                cross_val_predict(LinearDiscriminantAnalysis(), column[:, None], archetypes, cv=folds) == archetypes
            ).mean()
        )
        for column in features.T
        if column.std() > 0
    ]
    return Ceiling(
        accuracy=float((best == archetypes).mean()),
        ari=float(adjusted_rand_score(archetypes, best)),
        best_single_feature=max(single),
        largest_archetype=float(counts.max() / counts.sum()),
    )


def peers(
    plain: Floats, scaled: Floats, components: Floats, count: int, choices: Clusters
) -> Iterator[tuple[str, Labels]]:
    """Labels of the same users by each way; `plain` features as they are, `scaled` as ours, `components` of them."""
    from sklearn.cluster import HDBSCAN
    from sklearn.decomposition import PCA

    from user_intel.segment.embedding import embed, fuzzy_graph, shape_for
    from user_intel.segment.neighbours import nearest

    size = max(choices.min_cluster_users, round(2 * choices.min_cluster_share * len(scaled)))
    yield "k-means (k known), features as they are", _k_means(plain, count)
    yield "k-means (k known), scaled", _k_means(scaled, count)
    yield "k-means (k known), our components", _k_means(components, count)
    few = PCA(min(_PCA_DIMENSIONS, scaled.shape[1]), random_state=0).fit_transform(scaled)
    yield "PCA + HDBSCAN", HDBSCAN(min_cluster_size=size, copy=True).fit_predict(few)
    yield "UMAP + HDBSCAN, all defaults, scaled", _by_default(scaled)
    values = components.astype("float32")
    shape = shape_for(len(values), values.shape[1], choices)
    graph = fuzzy_graph(values, nearest(values, shape.neighbours), choices.seed)
    places = embed(values, graph, shape.dimensions, shape.epochs, choices.seed)
    yield "scikit-learn's HDBSCAN on our embedding", HDBSCAN(min_cluster_size=size, copy=True).fit_predict(places)


def _k_means(values: Floats, count: int) -> Labels:
    from sklearn.cluster import KMeans

    found: Labels = KMeans(count, n_init=10, random_state=0).fit_predict(values)
    return found


def _by_default(values: Floats) -> Labels:
    with warnings.catch_warnings():
        # What umap-learn would like installed, and that a seed costs it its threads.
        warnings.simplefilter("ignore")
        import hdbscan
        import umap

        drawn: Any = umap.UMAP(random_state=0).fit_transform(values)
        found: Labels = hdbscan.HDBSCAN().fit_predict(drawn)
    return found


def standardised(values: Floats) -> Floats:
    """Columns with mean 0 and deviation 1; what does not differ stays 0."""
    import numpy as np

    spread = values.std(axis=0)
    return np.asarray((values - values.mean(axis=0)) / np.where(spread > 0, spread, 1.0))
