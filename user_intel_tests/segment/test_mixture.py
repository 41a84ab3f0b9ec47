"""Who belongs to which group and which cores are one, of normal crowds whose middles are known."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import multivariate_t
from sklearn.metrics import adjusted_rand_score

from user_intel.segment import mixture
from user_intel.segment.mixture import carried_on, groups_around, without

SIZES = (240, 150, 90)


def crowds(apart: float, seed: int = 0, width: int = 5) -> tuple[np.ndarray, np.ndarray]:
    """Three normal crowds, each `apart` from the next in a direction of its own, and who is of which; mixed up."""
    dice = np.random.default_rng(seed)
    truth = dice.permutation(np.repeat([0, 1, 2], SIZES))
    middles = np.zeros((3, width))
    middles[1, 0], middles[2, 1] = apart, apart
    shape = dice.normal(size=(width, width)) / 3 + np.eye(width)
    return ((middles[truth] + dice.normal(size=(len(truth), width))) @ shape).astype(np.float32), truth


def some(labels: np.ndarray, share: float, seed: int = 1) -> np.ndarray:
    """The labels of so many of the rows, -1 of the others."""
    return np.where(np.random.default_rng(seed).random(len(labels)) < share, labels, -1)


def test_whoever_is_in_no_core_belongs_where_they_fit() -> None:
    values, truth = crowds(5.0)
    found = groups_around(values, some(truth, 0.3), 15)
    assert adjusted_rand_score(truth, found.labels) > 0.95
    assert [int((found.labels == label).sum()) for label in range(3)] == pytest.approx(SIZES, abs=6)
    assert (found.probabilities >= 0.5).all()
    between = found.probabilities < 0.9
    assert 0 < between.sum() < 0.1 * len(truth)


def test_cores_of_one_kind_are_one_group() -> None:
    values, truth = crowds(5.0)
    side = values[:, 3] > np.median(values[:, 3])
    found = groups_around(values, some(2 * truth + side, 0.5), 15)
    assert found.count == 3
    assert adjusted_rand_score(truth, found.labels) > 0.95


def test_cores_at_the_edge_of_groups_do_not_bend_them() -> None:
    values, truth = crowds(4.5)
    cores = np.full(len(truth), -1)
    for kind in range(3):
        theirs = np.flatnonzero(truth == kind)
        cores[theirs[np.argsort(values[theirs, 3])[:25]]] = kind
    assert adjusted_rand_score(truth, groups_around(values, cores, 15).labels) > 0.9


def test_a_gap_that_shows_only_in_the_users_it_was_found_in_is_none() -> None:
    dice = np.random.default_rng(2)
    for _ in range(5):
        values = dice.normal(size=(60, 12))
        cores = (values @ dice.normal(size=12) > 0).astype(np.int64)
        assert groups_around(values.astype(np.float32), cores, 15).count == 1


@pytest.mark.parametrize("seed", range(5))
def test_one_crowd_is_one_group_wherever_it_is_cut(seed: int) -> None:
    dice = np.random.default_rng(seed)
    values = dice.normal(size=(400, 4)) @ dice.normal(size=(4, 4))
    for cut in (0.5, 0.75, 0.9):
        cores = (values[:, 0] > np.quantile(values[:, 0], cut)).astype(np.int64)
        assert groups_around(values.astype(np.float32), cores, 15).count == 1


def test_the_tail_of_a_skewed_crowd_is_no_group() -> None:
    dice = np.random.default_rng(3)
    values = np.column_stack([dice.exponential(size=500), dice.normal(size=(500, 3))])
    cores = (values[:, 0] > np.quantile(values[:, 0], 0.92)).astype(np.int64)
    assert groups_around(values.astype(np.float32), cores, 15).count == 1


def test_groups_smaller_than_asked_for_are_none() -> None:
    values, truth = crowds(6.0)
    assert groups_around(values, truth, 15).count == 3
    assert groups_around(values, truth, 100).count == 2


def test_without_cores_everybody_is_in_one_group() -> None:
    values, truth = crowds(5.0)
    for cores in (np.full(len(truth), -1), np.zeros(len(truth), dtype=np.int64)):
        found = groups_around(values, cores, 15)
        assert found.count == 1
        assert (found.probabilities == 1).all()


def test_users_of_a_dissolved_group_go_where_they_fit_and_the_others_stay() -> None:
    values, truth = crowds(5.0)
    cut = np.where((truth == 0) & (values[:, 3] > np.median(values[:, 3])), 3, truth)
    found = without(values, cut, np.array([True, True, True, False]))
    assert found.count == 3
    assert adjusted_rand_score(truth, found.labels) > 0.95
    assert len(set(found.labels[cut == 1])) == 1
    assert without(values, cut, np.zeros(4, dtype=bool)).count == 0


def test_groups_of_the_day_before_keep_their_numbers_and_who_changed_moves() -> None:
    values, truth = crowds(6.0)
    before = np.array([7, 2, 4])[truth]
    changed = np.flatnonzero(truth == 2)[:9]
    unknown = np.flatnonzero(truth == 1)[:9]
    before[changed], before[unknown] = 7, -2
    found = carried_on(values, before)
    assert set(found) == {2, 4, 7}
    assert (found[changed] == 4).mean() > 0.8
    assert (found[unknown] == 2).mean() > 0.8


@pytest.mark.parametrize("apart", [2.0, 4.0, 8.0])
def test_distance_of_held_out_users_is_that_of_the_middles_in_spreads(apart: float) -> None:
    dice = np.random.default_rng(5)
    one, other, there = dice.normal(size=(800, 3)), dice.normal(size=(800, 3)), np.array([apart, 0, 0])
    assert mixture._held_out_distance(other + there, one) == pytest.approx(apart, rel=0.08)
    assert mixture._held_out_distance(3 * one, one + there) == pytest.approx(apart / 3, rel=0.25)


def test_density_is_that_of_students_t() -> None:
    dice = np.random.default_rng(6)
    values, scatter = dice.normal(size=(20, 3)), np.array([[2.0, 0.3, 0.0], [0.3, 1.0, 0.1], [0.0, 0.1, 0.5]])
    distances = np.einsum("ij,jk,ik->i", values, np.linalg.inv(scatter), values)
    found = mixture._density(distances, float(np.log(np.linalg.det(scatter))), 3, 7.0)
    assert found == pytest.approx(multivariate_t(np.zeros(3), scatter, df=7).logpdf(values))
