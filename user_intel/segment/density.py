"""HDBSCAN on an embedding: groups are where users lie dense, and whoever lies between belongs to none at first.

Belongs here: the cores that one embedding shows, for one way of reading it, and density-based validity. HDBSCAN leaves
out generously, and cuts at what the embedding bent; who belongs to which group in the end, and which cores are one
group, is told in the components (`mixture`).
"""

from __future__ import annotations

from dataclasses import dataclass
from math import ceil
from typing import TYPE_CHECKING, Literal

from user_intel.product import Clusters
from user_intel.segment.neighbours import NOISE

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]
    Labels = NDArray[np.int64]

_LEAST_SAMPLES = 5
_MEASURED_ROWS, _MEASURED_LEAST = 2_000, 5


@dataclass(frozen=True)
class Selection:
    """One way of reading HDBSCAN's tree: the smallest core as a share of users, and which of nested cores to take.

    eom takes what persists longest, often few large ones; leaf takes the finest.
    """

    share: float
    method: Literal["eom", "leaf"]


@dataclass(frozen=True)
class Cores:
    """What HDBSCAN finds in one embedding: label of each row (-1 none); DBCV over all, nan below two."""

    labels: Labels
    dbcv: float

    @property
    def left_out(self) -> float:
        """The share of rows in none."""
        return float((self.labels == NOISE).mean())

    def as_groups(self, groups: Labels) -> Labels:
        """Each core as the one of `groups` that most of its rows are in: what the embedding shows of these groups."""
        import numpy as np

        told = np.full_like(self.labels, NOISE)
        for core in range(int(self.labels.max()) + 1):
            theirs = groups[self.labels == core]
            if (theirs >= 0).any():
                told[self.labels == core] = np.bincount(theirs[theirs >= 0]).argmax()
        return told


def selections(choices: Clusters) -> tuple[Selection, ...]:
    """The ways that are tried. Too many cores do no harm, as those of one group become one; one for two groups does."""
    share, twice, four = (min(times * choices.min_cluster_share, 0.5) for times in (1, 2, 4))
    return Selection(twice, "leaf"), Selection(four, "leaf"), Selection(twice, "eom"), Selection(share, "eom")


def smallest_group(users: int, share: float, choices: Clusters) -> int:
    """The fewest users that are called a group."""
    return max(choices.min_cluster_users, ceil(share * users))


def cores_of(embedded: Floats, selection: Selection, choices: Clusters) -> Cores:
    """The cores HDBSCAN finds."""
    import hdbscan
    import numpy as np

    size = smallest_group(len(embedded), selection.share, choices)
    found = hdbscan.HDBSCAN(
        min_cluster_size=size,
        min_samples=min(size, _LEAST_SAMPLES),
        cluster_selection_method=selection.method,
        # Several processes cost more than they save below some 100,000 rows.
        core_dist_n_jobs=1,
        gen_min_span_tree=True,
    ).fit(embedded)
    labels = np.asarray(found.labels_, dtype=np.int64)
    return Cores(labels, float(found.relative_validity_) if labels.max() > 0 else float("nan"))


def dbcv_of_each(embedded: Floats, labels: Labels, seed: int) -> dict[int, float | None]:
    """DBCV of each group (Moulavi et al. 2014), from at most 2,000 rows: its cost grows with their square.

    None where a group has too few of those rows, or where its rows lie in one place.
    """
    import numpy as np
    from hdbscan.validity import validity_index

    count = int(labels.max()) + 1
    rows = np.flatnonzero(labels != NOISE)
    if len(rows) > _MEASURED_ROWS:
        rows = np.sort(np.random.default_rng(seed).choice(rows, _MEASURED_ROWS, replace=False))
    kept, own = labels[rows], embedded[rows]
    if count < 2 or np.bincount(kept, minlength=count).min() < _MEASURED_LEAST:
        return dict.fromkeys(range(count))
    with np.errstate(all="ignore"):
        _, found = validity_index(own, kept, d=own.shape[1], per_cluster_scores=True)
    return {label: float(value) if np.isfinite(value) else None for label, value in enumerate(found)}
