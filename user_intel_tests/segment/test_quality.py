"""Measures of groups against the same told slowly, in plain Python."""

from __future__ import annotations

from itertools import combinations
from math import dist, isnan

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from user_intel.segment.density import Cores, dbcv_of_each
from user_intel.segment.neighbours import place, reach_of
from user_intel.segment.quality import ABSENT, agreement, jaccard, one_crowd, shuffled, togetherness

LABELS = st.lists(st.integers(ABSENT, 2), min_size=12, max_size=12)


@settings(max_examples=60, deadline=None)
@given(LABELS, LABELS)
def test_jaccard_is_that_of_sets_of_users(one: list[int], other: list[int]) -> None:
    found = jaccard(np.array(one), np.array(other))
    both = [i for i in range(12) if ABSENT not in (one[i], other[i])]
    for label in range(max(one) + 1):
        own = {i for i in both if one[i] == label}
        rivals = [{i for i in both if other[i] == rival} for rival in range(max(other) + 1)]
        if not own:
            assert isnan(found[label])
        else:
            best = max((len(own & rival) / len(own | rival) for rival in rivals), default=0.0)
            assert found[label] == pytest.approx(best)


def test_agreement_is_the_median_over_pairs_and_nothing_found_agrees_with_nothing() -> None:
    two, other = np.array([0, 0, 1, 1]), np.array([1, 1, 0, 0])
    assert agreement([two, other]) == 1
    assert agreement([two, other, np.zeros(4, dtype=int)]) == 0
    assert agreement([np.full(4, -1), np.full(4, -1)]) == 0
    assert agreement([two, np.array([0, 0, 1, ABSENT])]) == 1


def test_shuffled_columns_keep_their_values_and_lose_their_togetherness() -> None:
    dice = np.random.default_rng(1)
    habit = dice.normal(size=(300, 1)) + 0.2 * dice.normal(size=(300, 6))
    copy = shuffled(habit.astype(np.float32), 1)
    assert np.array_equal(np.sort(copy, axis=0), np.sort(habit.astype(np.float32), axis=0))
    assert togetherness(habit.astype(np.float32), 0) > 20
    assert abs(togetherness(copy, 0)) < 5


def test_one_crowd_has_the_same_means_and_covariances() -> None:
    dice = np.random.default_rng(2)
    values = (dice.normal(size=(4000, 3)) @ dice.normal(size=(3, 3)) + 5).astype(np.float32)
    crowd = one_crowd(values, 0)
    assert np.allclose(crowd.mean(axis=0), values.mean(axis=0), atol=0.15)
    assert np.allclose(np.cov(crowd.T), np.cov(values.T), atol=0.2 * np.abs(np.cov(values.T)).max())


def test_placed_by_most_votes_the_nearest_of_equals_and_nowhere_beyond_reach() -> None:
    fitted = np.array([[0.0], [1.0], [4.0], [5.0]], dtype=np.float32)
    labels, drawn = np.array([0, 0, 1, -1]), np.array([[0.0], [2.0], [4.0], [9.0]])
    found = place(np.array([[0.4], [4.4], [90.0]], dtype=np.float32), fitted, labels, drawn, 2, reach=50.0)
    assert found.labels.tolist() == [0, 1, -1]
    assert found.shares.tolist()[:2] == [1.0, 0.5]
    assert found.places[:2, 0].tolist() == [1.0, 4.0]


def test_whoever_is_three_times_as_lonely_as_usual_is_out_of_reach() -> None:
    values = np.concatenate([np.arange(40.0), [200.0]])[:, None].astype(np.float32)
    reach, within = reach_of(values, 3.0)
    tenth = sorted(sorted(abs(a - b) for b in values[:, 0])[10] for a in values[:, 0])
    assert reach == pytest.approx(3 * tenth[20])
    assert np.flatnonzero(~within).tolist() == [40]
    assert reach_of(np.zeros((30, 2), dtype=np.float32), 3.0)[1].all()


def test_a_core_is_the_group_that_most_of_its_users_are_in() -> None:
    cores = Cores(np.array([0, 0, 0, 1, 1, 2, 2, -1]), 0.5)
    groups = np.array([1, 1, 0, 0, 0, -1, -1, 1])
    assert cores.as_groups(groups).tolist() == [1, 1, 1, 0, 0, -1, -1, -1]
    assert cores.left_out == 1 / 8


def test_dbcv_of_each_group_is_that_of_its_authors() -> None:
    dice = np.random.default_rng(6)
    places = np.concatenate([dice.normal(0, 1, (12, 2)), dice.normal(6, 1, (10, 2)), [[30.0, 30.0]]])
    labels = np.array([0] * 12 + [1] * 10 + [-1])
    found = dbcv_of_each(places, labels, 0)
    told = _dbcv_told_slowly([[tuple(p) for p in places[labels == k]] for k in (0, 1)])
    assert [found[0], found[1]] == pytest.approx(told)


def _dbcv_told_slowly(groups: list[list[tuple[float, float]]]) -> list[float]:
    """Moulavi et al. (2014), definitions 1 to 8, for points of the plane."""
    core = {p: _core_distance(p, group) for group in groups for p in group}

    def reachability(p: tuple[float, float], q: tuple[float, float]) -> float:
        return max(core[p], core[q], dist(p, q))

    trees = [_spanning_tree(group, reachability) for group in groups]
    inner = [_inner(tree) for tree in trees]
    sparseness = []
    for tree, nodes in zip(trees, inner, strict=True):
        within = [reachability(p, q) for p, q in tree if p in nodes and q in nodes]
        sparseness.append(max(within or [reachability(p, q) for p, q in tree]))
    apart = min(reachability(p, q) for p in inner[0] for q in inner[1])
    return [(apart - own) / max(apart, own) for own in sparseness]


def _core_distance(p: tuple[float, float], group: list[tuple[float, float]]) -> float:
    others = [q for q in group if q != p]
    return float((sum((1 / dist(p, q)) ** 2 for q in others) / len(others)) ** (-1 / 2))


def _spanning_tree(group, reachability):  # type: ignore[no-untyped-def]
    parts = [{p} for p in group]
    tree = []
    for p, q in sorted(combinations(group, 2), key=lambda edge: reachability(*edge)):
        one, other = (next(part for part in parts if node in part) for node in (p, q))
        if one is not other:
            parts.remove(other)
            one |= other
            tree.append((p, q))
    return tree


def _inner(tree):  # type: ignore[no-untyped-def]
    ends = [node for edge in tree for node in edge]
    return {node for node in ends if ends.count(node) > 1}
