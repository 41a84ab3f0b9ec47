"""Everything done again on random parts of the users: which way of reading the tree finds what is really there.

Belongs here: the runs, and the choice between ways of reading. How runs are compared is the business of `quality`.
A trial is the whole pipeline, neighbours, embedding and tree, on a part of the fitted users and with a seed of its own.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from user_intel.product import Clusters
from user_intel.segment.density import Groups, Selection, groups_of, selections
from user_intel.segment.embedding import embed, fuzzy_graph, shape_for
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
    """What the trials said. `labellings`: of all fitted users, ABSENT for those not in a part.

    `agreement` is between parts, `seed_agreement` between seeds on one part, `crowd_agreement` between parts of one
    normal crowd of the same covariances: what the pipeline agrees on where there are no groups.
    """

    selection: Selection
    labellings: Sequence[Labels]
    agreement: float
    seed_agreement: float
    crowd_agreement: float
    users: int

    def stability(self, labels: Labels) -> Floats:
        """The mean Jaccard of each group of `labels` over the trials."""
        import numpy as np

        return np.asarray(np.nanmean([jaccard(labels, other) for other in self.labellings], axis=0))

    def likeness(self, labels: Labels) -> float:
        """How well `labels` agree with the trials: the median adjusted Rand index."""
        import numpy as np

        return float(np.median([rand_index(labels, other) for other in self.labellings]))


def try_out(values: Values, choices: Clusters, before: Labels) -> Trials:
    """Runs on parts of `values`, with every way of reading; the same each time for the same rows.

    `before`: the groups of the rows on the day before, ABSENT where there were none.
    """
    import numpy as np

    users = min(choices.trial_users, round(_PART * len(values)))
    parts = [_part(len(values), users, choices.seed + number) for number in range(choices.trials)]
    way, recurred, labellings = _read(values, parts, choices, before)
    seeds = [choices.seed + _OTHER_SEEDS + extra for extra in range(_SEEDS - 1)]
    again = [_run(values, parts[0], choices, seed, [way])[0] for seed in seeds]
    strangers = np.full(len(values), ABSENT)
    _, by_chance, _ = _read(one_crowd(values, choices.seed), parts[:_CROWD_PARTS], choices, strangers)
    return Trials(
        selection=way,
        labellings=labellings,
        agreement=recurred,
        seed_agreement=agreement([labellings[0], *again]),
        crowd_agreement=by_chance,
        users=users,
    )


def _read(
    values: Values, parts: Sequence[Rows], choices: Clusters, before: Labels
) -> tuple[Selection, float, Sequence[Labels]]:
    """The way of reading that suits `values`, how well its labellings of the parts agree, and these.

    Where several do, yesterday's: a product's users seldom regroup overnight, and two fair readings must not alternate.
    """
    import numpy as np

    ways = selections(choices)
    runs = [_run(values, part, choices, choices.seed + number, ways) for number, part in enumerate(parts)]
    found = [agreement(labellings) for labellings in zip(*runs, strict=True)]
    counts = [float(np.median([labels.max() + 1 for labels in labellings])) for labellings in zip(*runs, strict=True)]
    if before.max() >= 1:
        like = [np.median([rand_index(one, before) for one in labellings]) for labellings in zip(*runs, strict=True)]
        chosen = int(np.argmax(np.add(found, like)))
    else:
        chosen = _finest_that_recurs(found, counts)
    return ways[chosen], found[chosen], [run[chosen] for run in runs]


def _part(users: int, size: int, seed: int) -> Rows:
    import numpy as np

    return np.sort(np.random.default_rng(seed).choice(users, size, replace=False))


def _run(values: Values, part: Rows, choices: Clusters, seed: int, ways: Sequence[Selection]) -> list[Labels]:
    """One trial: a labelling of all users for each way of reading."""
    shape = shape_for(len(part), values.shape[1], choices)
    rows = values[part]
    graph = fuzzy_graph(rows, nearest(rows, shape.neighbours), seed)
    places = embed(rows, graph, shape.dimensions, shape.epochs, seed)
    return [_spread_out(groups_of(places, graph, way, choices), part, len(values)) for way in ways]


def _spread_out(groups: Groups, part: Rows, users: int) -> Labels:
    import numpy as np

    labels = np.full(users, ABSENT, dtype=np.int64)
    labels[part] = groups.labels
    return labels


def _finest_that_recurs(agreements: Sequence[float], counts: Sequence[float]) -> int:
    """Of the ways that agree nearly as well as the best one, that of most groups; of equals the best."""
    enough = max(agreements) - _NEARLY
    fit = [way for way, found in enumerate(agreements) if found >= enough]
    return max(fit, key=lambda way: (counts[way], agreements[way], -way))
