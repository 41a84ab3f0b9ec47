"""Everything done again on random parts of the users: which way of reading the tree finds what is really there.

Belongs here: the runs, and the choice between ways of reading. How runs are compared is the business of `quality`.
A trial is the whole pipeline, neighbours, embedding, tree and mixture, on a part of the fitted users and with a seed of
its own.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from user_intel.product import Clusters
from user_intel.segment.density import Selection, cores_of, selections, smallest_group
from user_intel.segment.embedding import embed, fuzzy_graph, shape_for
from user_intel.segment.mixture import groups_around
from user_intel.segment.neighbours import nearest
from user_intel.segment.quality import ABSENT, agreement, jaccard, one_crowd, rand_index

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy as np
    from numpy.typing import NDArray

    Values = NDArray[np.float32]
    Floats = NDArray[np.float64]
    Labels = NDArray[np.int64]
    Rows = NDArray[np.int64]

# A part holds so much of the users, where that is not too many.
_PART = 0.8
_SEEDS = 3
_OTHER_SEEDS = 1_000
_CROWD_PARTS = 3
# Of ways that agree nearly as well as the best one, the one that tells more groups apart is taken.
_NEARLY = 0.05


@dataclass(frozen=True)
class Trials:
    """What the trials said. `labellings`: of all fitted users, ABSENT for those not in a part; `readings`: by each way.

    `agreement` is between parts, `seed_agreement` between seeds on one part, `crowd_agreement` between parts of one
    normal crowd of the same covariances: what the pipeline agrees on where there are no groups.
    """

    selection: Selection
    labellings: Sequence[Labels]
    readings: Sequence[Sequence[Labels]]
    agreement: float
    seed_agreement: float
    crowd_agreement: float
    users: int

    def stability(self, labels: Labels) -> Floats:
        """The mean Jaccard of each group of `labels` over the trials."""
        import numpy as np

        return np.asarray(np.mean([np.nan_to_num(jaccard(labels, other)) for other in self.labellings], axis=0))

    def still_there(self, labels: Labels) -> Floats:
        """As `stability`, by whichever way of reading: a group may stand in the tree where the cut goes above it."""
        import numpy as np

        found = [[np.nan_to_num(jaccard(labels, other)) for other in of_way] for of_way in self.readings]
        return np.asarray(np.max(found, axis=0).mean(axis=0))

    def likeness(self, labels: Labels) -> float:
        """How well `labels` agree with the trials: the median adjusted Rand index."""
        import numpy as np

        return float(np.median([rand_index(labels, other) for other in self.labellings]))


def try_out(values: Values, choices: Clusters) -> Trials:
    """Runs on parts of `values`, with every way of reading; the same each time for the same rows."""
    users = min(choices.trial_users, round(_PART * len(values)))
    parts = [_part(len(values), users, choices.seed + number) for number in range(choices.trials)]
    found = _read(values, parts, choices)
    labellings = found.labellings[found.way]
    ways = selections(choices)
    seeds = [choices.seed + _OTHER_SEEDS + extra for extra in range(_SEEDS - 1)]
    again = [_run(values, parts[0], choices, seed, [ways[found.way]])[0] for seed in seeds]
    crowd = _read(one_crowd(values, choices.seed), parts[:_CROWD_PARTS], choices)
    return Trials(
        selection=ways[found.way],
        labellings=labellings,
        readings=found.labellings,
        agreement=found.agreement,
        seed_agreement=agreement([labellings[0], *again]),
        crowd_agreement=crowd.agreement,
        users=users,
    )


@dataclass(frozen=True)
class _Read:
    """The way of reading that suits, how well its labellings of the parts agree, and the labellings by way and part."""

    way: int
    agreement: float
    labellings: Sequence[Sequence[Labels]]


def _read(values: Values, parts: Sequence[Rows], choices: Clusters) -> _Read:
    import numpy as np

    ways = selections(choices)
    runs = [_run(values, part, choices, choices.seed + number, ways) for number, part in enumerate(parts)]
    labellings = list(zip(*runs, strict=True))
    found = [agreement(of_way) for of_way in labellings]
    counts = [float(np.median([labels.max() + 1 for labels in of_way])) for of_way in labellings]
    chosen = _finest_that_recurs(found, counts)
    return _Read(chosen, found[chosen], labellings)


def _part(users: int, size: int, seed: int) -> Rows:
    import numpy as np

    return np.sort(np.random.default_rng(seed).choice(users, size, replace=False))


def _run(values: Values, part: Rows, choices: Clusters, seed: int, ways: Sequence[Selection]) -> list[Labels]:
    """One trial: a labelling of all users for each way of reading."""
    shape = shape_for(len(part), values.shape[1], choices)
    rows = values[part]
    graph = fuzzy_graph(rows, nearest(rows, shape.neighbours), seed)
    places = embed(rows, graph, shape.dimensions, shape.epochs, seed)
    smallest = smallest_group(len(part), choices.min_cluster_share, choices)
    found = [groups_around(rows, cores_of(places, way, choices).labels, smallest).labels for way in ways]
    return [_spread_out(labels, part, len(values)) for labels in found]


def _spread_out(found: Labels, part: Rows, users: int) -> Labels:
    import numpy as np

    labels = np.full(users, ABSENT, dtype=np.int64)
    labels[part] = found
    return labels


def _finest_that_recurs(agreements: Sequence[float], counts: Sequence[float]) -> int:
    """Of the ways that agree nearly as well as the best one, that of most groups; of equals the best."""
    enough = max(agreements) - _NEARLY
    fit = [way for way, found in enumerate(agreements) if found >= enough]
    return max(fit, key=lambda way: (counts[way], agreements[way], -way))
