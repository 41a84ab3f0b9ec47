"""Users grouped by how they behave, and how far the groups can be believed. Rows in, labels and a verdict out.

Belongs here: the order of work and what is said of the outcome. In this order:

1. Rows are sorted by their content, so that neither their order nor anybody's id shows in the outcome; users far from
   everybody are set aside.
2. Is there anything to group at all: do habits go together more than by chance (`quality`)?
3. Trials on random parts: which way of reading HDBSCAN's tree finds groups that recur, and do they (`trials`)?
4. The fit, on all users or a sample: neighbours, UMAP, HDBSCAN; who belongs to which of its cores, and which of them
   are one group, is told in the rows themselves (`mixture`). Groups that do not recur are dissolved, and those of the
   day before are carried on where they are still there (`recurring`).
5. Everybody else is placed by the vote of their nearest fitted users.

Only what passes 2 and 3 is called a group: UMAP shows islands in any sea.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal

from user_intel.errors import InputError
from user_intel.product import Clusters
from user_intel.segment import density, quality
from user_intel.segment.density import Cores
from user_intel.segment.embedding import DRAWING_DIMENSIONS, Shape, embed, fuzzy_graph, principal_components, shape_for
from user_intel.segment.mixture import Groups, groups_around
from user_intel.segment.neighbours import NOISE, nearest, place, reach_of
from user_intel.segment.recurring import THE_SAME, carried_on, that_recur
from user_intel.segment.trials import Trials, try_out

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Values = NDArray[np.float32]
    Floats = NDArray[np.float64]
    Labels = NDArray[np.int64]
    Flags = NDArray[np.bool_]
    Rows = NDArray[np.int64]

Verdict = Literal["clusters", "too_few_users", "no_structure", "one_blob", "dust"]
Parameter = str | int | float | None

# Neighbours that vote on where a user belongs.
_VOTERS = 15
# Of the fitted users, so many (at most) are placed as if they were not, to see what placing loses.
_HELD_OUT_SHARE, _HELD_OUT_MOST = 0.1, 2_000
# Where HDBSCAN leaves out more than this, what does not recur is called dust.
_DUSTY = 0.5
# Groups recur by so much more than they would in one crowd.
_MORE_THAN_A_CROWD = 0.15
# Seeds tried for a fit like the trials, and what counts as like them.
_SEEDS_TRIED = 3
_AS_TYPICAL = 0.1
_DRAWN_APART = 0.1


@dataclass(frozen=True)
class Stability:
    """How far one group can be believed: the Jaccard of finding it again and what Hennig calls that, and its DBCV."""

    users: int
    jaccard: float
    called: Literal["stable", "doubtful", "unstable"]
    dbcv: float | None


@dataclass(frozen=True)
class Quality:
    """Measures of a run; None where there was nothing to measure. All but the first are defined in `quality`."""

    dbcv: float | None = None
    noise_share: float | None = None
    agreement: float | None = None
    seed_agreement: float | None = None
    crowd_agreement: float | None = None
    togetherness: float | None = None
    placement_agreement: float | None = None
    groups: dict[int, Stability] = field(default_factory=dict)


@dataclass(frozen=True)
class Clustering:
    """One entry a row, in the order given. `labels`: 0 for the largest group, -1 for none.

    `fitted` marks rows that were clustered themselves, the others were placed. x and y are for drawing only.
    """

    labels: Labels
    probabilities: Floats
    x: Floats
    y: Floats
    fitted: Flags
    verdict: Verdict
    words: str
    quality: Quality
    parameters: dict[str, Parameter]


@dataclass(frozen=True)
class _Fit:
    """What was made of the fitted rows, before anybody else is placed."""

    labels: Labels
    probabilities: Floats
    drawn: Floats
    verdict: Verdict
    words: str
    quality: Quality
    parameters: dict[str, Parameter]


@dataclass(frozen=True)
class _Reading:
    """The groups one seed shows, of the cores in its embedding, and how like the trials they are."""

    groups: Groups
    cores: Cores
    places: Floats
    seed: int
    likeness: float


def cluster(
    values: Values,
    choices: Clusters,
    sparse: Flags | None = None,
    before: Labels | None = None,
    habits: Values | None = None,
) -> Clustering:
    """The groups of the rows of `values` (users, scaled features), or why there are none.

    Rows marked `sparse` shape no group and are only placed. `before`: each row's group on the day before (-1 none,
    ABSENT unknown): they are carried on while they are still there, and asked a little less than new ones.
    `habits`: where `values` are components of features, those features. Whether they go together is asked of them:
    two groups may lie apart along one component, which is the same however it is dealt out.
    Raises InputError for values that are no numbers.
    """
    import numpy as np

    for given in (values,) if habits is None else (values, habits):
        _refuse_what_is_no_number(given)
    # -0.0 and 0.0 are the same habit.
    rows, twins = np.unique(values.astype(np.float32) + np.float32(0.0), axis=0, return_inverse=True)
    twins = twins.reshape(-1)
    may_fit = np.ones(len(values), dtype=bool) if sparse is None else ~sparse
    copies = np.repeat(np.arange(len(rows)), np.bincount(twins[may_fit], minlength=len(rows)))
    sample = _sample(copies, choices)
    reach, within = reach_of(rows[sample], choices.outlier_distance)
    chosen = sample[within]
    earlier = np.full(len(rows), quality.ABSENT, dtype=np.int64)
    if before is not None:
        np.maximum.at(earlier, twins, before)
    part = chosen[_held_out(len(chosen), choices.trial_users, choices.seed)]
    told = rows[part] if habits is None else _first_of(part, twins, habits)
    fit = _fit(rows[chosen], told, earlier[chosen], len(values), choices)
    return _for_everybody(fit, rows, chosen, twins, reach)


def _refuse_what_is_no_number(values: Values) -> None:
    import numpy as np

    if values.ndim != 2:
        raise InputError(f"Expected a matrix of users and features, found {values.ndim} dimensions.")
    if wrong := int((~np.isfinite(values)).any(axis=1).sum()):
        raise InputError(
            f"Features must be finite numbers; {wrong:,} of {len(values):,} users have others. "
            "Replace them (as user_intel.segment.matrix does) or leave those users out."
        )


def _sample(copies: Rows, choices: Clusters) -> Rows:
    """The rows to fit, in order: all, or so many drawn by the seed."""
    import numpy as np

    if len(copies) <= choices.fit_users:
        return copies
    return np.sort(np.random.default_rng(choices.seed).choice(copies, choices.fit_users, replace=False))


def _first_of(numbers: Rows, twins: Rows, habits: Values) -> Values:
    """The habits of the users whose rows have these numbers; of twins those of the first by content, not by place."""
    import numpy as np

    users = np.flatnonzero(np.isin(twins, numbers))
    users = users[np.lexsort((*habits[users].T, twins[users]))]
    known, first = np.unique(twins[users], return_index=True)
    return habits[users[first[np.searchsorted(known, numbers)]]]


def _fit(rows: Values, habits: Values, before: Labels, users: int, choices: Clusters) -> _Fit:
    import numpy as np

    told: dict[str, Parameter] = {"users": users, "fitted_users": len(rows), "features": rows.shape[1]}
    if len(rows) < choices.min_users:
        words = f"{len(rows):,} users can be compared; nothing is said of groups below {choices.min_users:,}."
        return _nothing(rows, "too_few_users", words, Quality(), told)
    if not len(rows[0]) or np.ptp(rows, axis=0).max() == 0:
        return _nothing(rows, "no_structure", f"All {len(rows):,} users behave alike.", Quality(), told)
    together = quality.togetherness(habits, choices.seed)
    if not quality.beyond_chance(together):
        words = "Users' habits go together no more than when each is dealt out at random."
        return _nothing(rows, "no_structure", words, Quality(togetherness=together), told)
    return _fit_groups(rows, before, together, told, choices)


def _nothing(rows: Values, verdict: Verdict, words: str, found: Quality, told: dict[str, Parameter]) -> _Fit:
    """No groups; drawn by principal components, as there is nothing to be drawn apart."""
    import numpy as np

    drawn = principal_components(rows, DRAWING_DIMENSIONS)
    return _Fit(np.full(len(rows), NOISE), np.zeros(len(rows)), drawn, verdict, words, found, told)


def _fit_groups(rows: Values, before: Labels, together: float, told: dict[str, Parameter], choices: Clusters) -> _Fit:
    import numpy as np

    trials = try_out(rows, choices)
    shape = shape_for(len(rows), rows.shape[1], choices)
    graph = fuzzy_graph(rows, nearest(rows, shape.neighbours), choices.seed)
    reading = _typical(rows, graph, shape, trials, choices)
    own = that_recur(rows, reading.groups, trials.stability, choices)
    carried = carried_on(rows, own, before, trials, choices)
    groups = carried or own
    leeway = choices.leeway if quality.rand_index(groups.labels, before) >= THE_SAME else 0.0
    verdict, words = _judge(reading, groups, trials, leeway, choices)
    drawn = embed(rows, graph, DRAWING_DIMENSIONS, shape.epochs, choices.seed, _DRAWN_APART)
    measured = Quality(
        dbcv=None if np.isnan(reading.cores.dbcv) else reading.cores.dbcv,
        noise_share=float((groups.labels == NOISE).mean()),
        agreement=trials.agreement,
        seed_agreement=trials.seed_agreement,
        crowd_agreement=trials.crowd_agreement,
        togetherness=together,
        placement_agreement=_placement_agreement(rows, groups.labels, choices),
        groups=_stabilities(reading, groups.labels, trials, choices),
    )
    told = (
        told
        | _told(shape, trials, len(rows), choices)
        | {"fit_seed": reading.seed, "leeway": leeway, "carried": carried is not None}
    )
    if verdict == "clusters":
        words += " Groups of the day before were carried on." if carried else ""
        return _Fit(groups.labels, groups.probabilities, drawn, verdict, words, measured, told)
    nobody = np.full(len(rows), NOISE)
    return _Fit(nobody, np.zeros(len(rows)), drawn, verdict, words, _without_groups(measured), told)


def _typical(rows: Values, graph: Any, shape: Shape, trials: Trials, choices: Clusters) -> _Reading:
    """The reading of the first seed that agrees with the trials as they do among themselves, else of the nearest to it.

    One seed may merge by chance what all others keep apart.
    """
    tried: list[_Reading] = []
    smallest = density.smallest_group(len(rows), choices.min_cluster_share, choices)
    for seed in range(choices.seed, choices.seed + _SEEDS_TRIED):
        places = embed(rows, graph, shape.dimensions, shape.epochs, seed)
        cores = density.cores_of(places, trials.selection, choices)
        groups = groups_around(rows, cores.labels, smallest)
        tried.append(_Reading(groups, cores, places, seed, trials.likeness(groups.labels)))
        if tried[-1].likeness >= trials.agreement - _AS_TYPICAL:
            break
    return max(tried, key=lambda each: each.likeness)


def _without_groups(found: Quality) -> Quality:
    from dataclasses import replace

    return replace(found, groups={}, placement_agreement=None)


def _told(shape: Shape, trials: Trials, users: int, choices: Clusters) -> dict[str, Parameter]:
    share = trials.selection.share
    return {
        "neighbours": shape.neighbours,
        "dimensions": shape.dimensions,
        "epochs": shape.epochs,
        "min_cluster_size": density.smallest_group(users, share, choices),
        "min_cluster_share": share,
        "selection": trials.selection.method,
        "seed": choices.seed,
        "trials": choices.trials,
        "trial_users": trials.users,
        "voters": _VOTERS,
    }


def _judge(reading: _Reading, groups: Groups, trials: Trials, leeway: float, choices: Clusters) -> tuple[Verdict, str]:
    """What the groups come to: as they were read, and `groups` without those that do not recur."""
    found, chance = reading.groups.count, trials.crowd_agreement
    needed = max(choices.min_agreement, chance + _MORE_THAN_A_CROWD) - leeway
    agreed = (
        f"random parts of the users agree on groups by {trials.agreement:.2f}, other seeds by "
        f"{trials.seed_agreement:.2f} (1 is fully; {needed:.2f} is asked for)"
    )
    if max(found, groups.count) < 2:
        return "one_blob", "Users form one crowd: wherever it is cut, the two sides shade into each other."
    if min(trials.agreement, trials.seed_agreement) < needed or groups.count < 2:
        if reading.cores.left_out > _DUSTY:
            return "dust", f"{found} scattered groups leave out most users, and {agreed}."
        return "one_blob", f"Users shade into each other; where they are cut is chance: {agreed}."
    noise = float((groups.labels == NOISE).mean())
    return "clusters", f"{groups.count} groups; {noise:.0%} of the users are in none; {agreed}."


def _stabilities(reading: _Reading, labels: Labels, trials: Trials, choices: Clusters) -> dict[int, Stability]:
    if labels.max() < 0:
        return {}
    dbcv = density.dbcv_of_each(reading.places, reading.cores.as_groups(labels), choices.seed)
    return {
        label: Stability(int((labels == label).sum()), float(share), _called(float(share), choices), dbcv.get(label))
        for label, share in enumerate(trials.stability(labels))
    }


def _called(share: float, choices: Clusters) -> Literal["stable", "doubtful", "unstable"]:
    if share >= choices.stable_jaccard:
        return "stable"
    return "unstable" if share < choices.unstable_jaccard else "doubtful"


def _held_out(users: int, most: int, seed: int) -> Rows:
    """At most so many of the rows, in order."""
    import numpy as np

    if users <= most:
        return np.arange(users)
    return np.sort(np.random.default_rng(seed).choice(users, most, replace=False))


def _placement_agreement(rows: Values, labels: Labels, choices: Clusters) -> float:
    """The share of fitted users whom the vote of the others places where they were found to belong."""
    import numpy as np

    most = min(_HELD_OUT_MOST, round(_HELD_OUT_SHARE * len(rows)))
    held = np.zeros(len(rows), dtype=bool)
    held[_held_out(len(rows), most, choices.seed)] = True
    drawn = np.zeros((int((~held).sum()), 1))
    placed = place(rows[held], rows[~held], labels[~held], drawn, _VOTERS, float("inf"))
    return float((placed.labels == labels[held]).mean())


def _for_everybody(fit: _Fit, rows: Values, chosen: Rows, twins: Rows, reach: float) -> Clustering:
    """Spreads what was found for the fitted rows to their twins, and places all others."""
    import numpy as np

    labels = np.full(len(rows), NOISE, dtype=np.int64)
    probabilities, drawn = np.zeros(len(rows)), np.zeros((len(rows), DRAWING_DIMENSIONS))
    fitted = np.zeros(len(rows), dtype=bool)
    fitted[chosen] = True
    # Identical users share the first one's place; so it does not matter which of them came first.
    first, where = np.unique(chosen, return_index=True)
    labels[first], probabilities[first], drawn[first] = fit.labels[where], fit.probabilities[where], fit.drawn[where]
    if len(chosen) and not fitted.all():
        voters = min(_VOTERS, len(chosen))
        placed = place(rows[~fitted], rows[chosen], labels[chosen], drawn[chosen], voters, reach)
        labels[~fitted], drawn[~fitted] = placed.labels, placed.places
        probabilities[~fitted] = np.where(placed.labels == NOISE, 0.0, placed.shares)
    x, y = drawn[twins].T
    return Clustering(
        labels[twins], probabilities[twins], x, y, fitted[twins], fit.verdict, fit.words, fit.quality, fit.parameters
    )
