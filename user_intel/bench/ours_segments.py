"""One measurement of grouping in a process of its own: `python -m user_intel.bench.ours_segments TASK USERS`.

TASK is `ours`, `warm` (a second time in the same process) or `defaults` (umap-learn and hdbscan as they come). Prints
one line of JSON: seconds (imports included, but those of numpy), peak_mb, rows; to stderr what was found.
"""

from __future__ import annotations

import json
import sys
import time
import warnings
from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from user_intel.bench.measuring import peak_mb

FEATURES, ARCHETYPES = 40, 12


def made_up(users: int, seed: int = 0) -> tuple[NDArray[np.float32], NDArray[np.int64]]:
    """Standardised features that overlap, and who is of which archetype."""
    dice = np.random.default_rng(seed)
    means = dice.normal(0, 1, (ARCHETYPES, FEATURES))
    archetype = dice.choice(ARCHETYPES, users, p=dice.dirichlet(np.full(ARCHETYPES, 5.0)))
    values = means[archetype] + dice.normal(0, 1, (users, FEATURES))
    return ((values - values.mean(axis=0)) / values.std(axis=0)).astype(np.float32), archetype


def ours(values: NDArray[np.float32]) -> NDArray[np.int64]:
    """All that a day's grouping does with its matrix."""
    from user_intel.product import Clusters
    from user_intel.segment.clustering import cluster

    return cluster(values, Clusters()).labels


def defaults(values: NDArray[np.float32]) -> NDArray[np.int64]:
    """What one writes first."""
    warnings.simplefilter("ignore")
    import hdbscan
    import umap

    labels: NDArray[np.int64] = hdbscan.HDBSCAN(min_cluster_size=max(15, len(values) // 50)).fit_predict(
        umap.UMAP(n_components=10).fit_transform(values)
    )
    umap.UMAP().fit_transform(values)
    return labels


TASKS: dict[str, Callable[[NDArray[np.float32]], NDArray[np.int64]]] = {
    "ours": ours,
    "warm": ours,
    "defaults": defaults,
}

if __name__ == "__main__":
    task, size = sys.argv[1], int(sys.argv[2])
    rows, truth = made_up(size)
    if task == "warm":
        TASKS[task](rows)
    begun = time.perf_counter(), time.process_time()
    labels = TASKS[task](rows)
    seconds, processor = time.perf_counter() - begun[0], time.process_time() - begun[1]
    peak = peak_mb()
    from sklearn.metrics import adjusted_rand_score

    told = f"{labels.max() + 1} groups, ARI {adjusted_rand_score(truth, labels):.3f}, {processor:.0f} s of processor"
    print(told, file=sys.stderr)
    print(json.dumps({"seconds": seconds, "peak_mb": peak, "rows": size}))
