"""HDBSCAN on an embedding: groups are where users lie dense, and whoever lies between belongs to none at first.

Belongs here: which groups one embedding shows, for one way of reading it. HDBSCAN leaves out generously, and who is
left out changes from seed to seed; so whoever is surrounded by one group's users is taken in afterwards (label
spreading, Zhou et al. 2004, over UMAP's own graph), and only users with no group around them stay noise.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import ceil
from typing import TYPE_CHECKING, Any, Literal

from user_intel.product import Clusters
from user_intel.segment.neighbours import NOISE

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]
    Labels = NDArray[np.int64]
    Flags = NDArray[np.bool_]

_LEAST_SAMPLES = 5
# How far a label spreads (0 not at all, 1 to everybody), and in how many rounds: what is left then is below 1 %.
_SPREADING = 0.9
_ROUNDS = 40
# Yesterday's groups are carried on over so few that a small one beside a large one does not wear away.
_CARRYING_ROUNDS = 3
# The mark of users whose group was dissolved, and of those who had none.
_NOBODYS = -2
_MEASURED_ROWS, _MEASURED_LEAST = 2_000, 5


@dataclass(frozen=True)
class Selection:
    """One way of reading HDBSCAN's tree: the smallest group as a share of users, and which of nested groups to take.

    eom takes what persists longest, often few large ones; leaf takes the finest.
    """

    share: float
    method: Literal["eom", "leaf"]


@dataclass(frozen=True)
class Groups:
    """The groups of one embedding: label (-1 none) and how firmly each row belongs; DBCV over all, nan below two."""

    labels: Labels
    probabilities: Floats
    dbcv: float

    @property
    def count(self) -> int:
        """How many groups there are."""
        return int(self.labels.max()) + 1


def selections(choices: Clusters) -> tuple[Selection, ...]:
    """The ways that are tried. The finest leaves are left out: they are dust in whatever was tried."""
    shares = (4 * choices.min_cluster_share, 2 * choices.min_cluster_share, choices.min_cluster_share)
    return (*(Selection(min(share, 0.5), "eom") for share in shares), Selection(min(shares[0], 0.5), "leaf"))


def smallest_group(users: int, share: float, choices: Clusters) -> int:
    """The fewest users that are called a group."""
    return max(choices.min_cluster_users, ceil(share * users))


def groups_of(embedded: Floats, graph: Any, selection: Selection, choices: Clusters) -> Groups:
    """The groups HDBSCAN finds, with whoever lies amid one of them taken in."""
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
    if labels.max() < 1:
        return Groups(labels, np.asarray(found.probabilities_, dtype=np.float64), float("nan"))
    dbcv = float(found.relative_validity_)
    return Groups(*_with_those_amid(labels, graph), dbcv)


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


def carried_on(before: Labels, graph: Any) -> Labels:
    """The groups of the day before as they are today: everybody is where their neighbours' neighbours were.

    Whoever changed their ways moves so, and whoever is new has a group.
    """
    import numpy as np

    shares = _spread(before, graph, _CARRYING_ROUNDS)
    best = shares.argmax(axis=1)
    moved = np.where(best == shares.shape[1] - 1, NOISE, best)
    labels, _ = _with_those_amid(np.where(shares.max(axis=1) > 0, moved, _NOBODYS), graph)
    return labels


def dissolved(groups: Groups, graph: Any, kept: Flags) -> Groups:
    """`groups` without those not `kept`: their users go to the groups around them; numbers are by size, largest 0."""
    import numpy as np

    if not kept.any():
        return Groups(np.full_like(groups.labels, NOISE), np.zeros(len(groups.labels)), groups.dbcv)
    numbers = np.append(np.where(kept, np.cumsum(kept) - 1, _NOBODYS), NOISE)
    labels = numbers[groups.labels]
    if not kept.all():
        labels, _ = _with_those_amid(labels, graph)
    sizes = np.bincount(labels[labels >= 0], minlength=int(kept.sum()))
    ranks = np.append(np.argsort(np.argsort(-sizes, kind="stable")), NOISE)
    return Groups(ranks[labels], _shares(labels, graph), groups.dbcv)


def _with_those_amid(labels: Labels, graph: Any) -> tuple[Labels, Floats]:
    """Labels and shares after each row took on what its neighbours are, noise too being something to be.

    Rows marked _NOBODYS are nothing yet, and become what reaches them.
    """
    import numpy as np

    shares = _spread(labels, graph)
    best = shares.argmax(axis=1)
    reached = np.where((best == shares.shape[1] - 1) | (shares.max(axis=1) == 0), NOISE, best)
    found = np.where(labels < 0, reached, labels).astype(np.int64)
    return found, _share_of(found, shares)


def _shares(labels: Labels, graph: Any) -> Floats:
    return _share_of(labels, _spread(labels, graph))


def _share_of(labels: Labels, shares: Floats) -> Floats:
    import numpy as np

    return np.where(labels == NOISE, 0.0, shares[np.arange(len(labels)), labels])


def _spread(labels: Labels, graph: Any, rounds: int = _ROUNDS) -> Floats:
    """How much of each label reaches each row; the last column is noise."""
    import numpy as np
    from scipy import sparse

    own = np.zeros((len(labels), int(labels.max()) + 2))
    told = np.flatnonzero(labels != _NOBODYS)
    own[told, labels[told]] = 1.0
    sums = np.asarray(graph.sum(axis=1)).ravel()
    walk = sparse.diags(1 / np.maximum(sums, 1e-12)) @ graph.tocsr()
    shares = own
    for _ in range(rounds):
        shares = _SPREADING * (walk @ shares) + (1 - _SPREADING) * own
    return np.asarray(shares / np.maximum(shares.sum(axis=1, keepdims=True), 1e-12))
