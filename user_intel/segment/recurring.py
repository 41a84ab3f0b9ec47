"""Which groups are kept: those that the trials find again, and those of the day before while they are still there."""

from __future__ import annotations

from typing import TYPE_CHECKING

from user_intel.product import Clusters
from user_intel.segment import mixture
from user_intel.segment.mixture import Groups

if TYPE_CHECKING:
    from collections.abc import Callable

    import numpy as np
    from numpy.typing import NDArray

    from user_intel.segment.trials import Trials

    Values = NDArray[np.float32]
    Floats = NDArray[np.float64]
    Labels = NDArray[np.int64]
    Flags = NDArray[np.bool_]

# Two groups, or two groupings, of which so much is common (Jaccard, adjusted Rand index) are the same.
THE_SAME = 0.5


def that_recur(rows: Values, groups: Groups, found_again: Callable[[Labels], Floats], choices: Clusters) -> Groups:
    """`groups` without those that are not found again (or too small), the worst of them dissolved first.

    One by one: of a group that chance cut in halves neither recurs, but without the one the other is whole.
    """
    import numpy as np

    groups = mixture.without(rows, groups.labels, np.ones(groups.count, dtype=bool))
    while groups.count:
        sizes = np.bincount(groups.labels[groups.labels >= 0], minlength=groups.count)
        recurs = np.where(sizes >= choices.min_cluster_users, found_again(groups.labels), 0.0)
        if recurs.min() > choices.dissolved_jaccard:
            break
        groups = mixture.without(rows, groups.labels, np.arange(groups.count) != recurs.argmin())
    return groups


def carried_on(rows: Values, own: Groups, before: Labels, trials: Trials, choices: Clusters) -> Groups | None:
    """Yesterday's groups as they are today, with what is new and without what is gone; None where there were none.

    Most products' users do not regroup overnight, but two fair readings of one tree may alternate from day to day. So
    a group of the day's `own` reading is news only if it is stable and neither one of yesterday's nor several of them
    taken together; and one of yesterday's is gone when the trials no longer find it, whichever way they are read.
    """
    if before.max() < 1:
        return None
    import numpy as np

    labels = mixture.carried_on(rows, before)
    stable = trials.stability(own.labels) >= choices.stable_jaccard
    for label in np.flatnonzero(stable):
        if _is_news(own.labels == label, labels):
            labels[own.labels == label] = labels.max() + 1
    _, labels = np.unique(labels, return_inverse=True)
    groups = that_recur(rows, Groups(labels.astype(np.int64), np.zeros(len(labels))), trials.still_there, choices)
    return groups if groups.count > 1 else None


def _is_news(members: Flags, labels: Labels) -> bool:
    """Whether these users are neither mostly one of the groups in `labels` nor mostly several whole ones."""
    import numpy as np

    sizes = np.bincount(labels[labels >= 0], minlength=1)
    inside = np.bincount(labels[members & (labels >= 0)], minlength=len(sizes))
    like = inside / np.maximum(sizes + members.sum() - inside, 1)
    whole = inside > THE_SAME * sizes
    return bool(like.max() < THE_SAME and inside[whole].sum() < THE_SAME * members.sum())
