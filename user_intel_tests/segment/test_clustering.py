"""Groups are found where they were planted, and nowhere else; who is who and in which order does not matter."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sklearn.metrics import adjusted_rand_score

from user_intel.errors import InputError
from user_intel.product import Clusters
from user_intel.segment.clustering import Clustering, cluster
from user_intel.segment.quality import ABSENT, shuffled
from user_intel_tests.segment.made_users import made_users

CHOICES = Clusters(trials=4, trial_users=240, epochs=50)


@pytest.fixture(scope="module")
def planted() -> tuple[np.ndarray, list[int], Clustering]:
    values, truth = made_users(400, 3, seed=1)
    return values, truth, cluster(values, CHOICES)


def test_planted_archetypes_are_found(planted: tuple[np.ndarray, list[int], Clustering]) -> None:
    _, truth, found = planted
    assert found.verdict == "clusters"
    assert adjusted_rand_score(truth, found.labels) >= 0.85
    assert set(found.labels) - {-1} == {0, 1, 2}
    assert {group.called for group in found.quality.groups.values()} == {"stable"}
    assert (found.quality.agreement or 0) > 0.85
    assert found.fitted.all()


def test_groups_are_numbered_by_size_and_their_figures_are_those_of_the_labels(
    planted: tuple[np.ndarray, list[int], Clustering],
) -> None:
    found = planted[2]
    sizes = [int((found.labels == label).sum()) for label in range(3)]
    assert sizes == sorted(sizes, reverse=True)
    assert {label: group.users for label, group in found.quality.groups.items()} == dict(enumerate(sizes))
    assert found.quality.noise_share == (found.labels == -1).mean()
    assert (found.probabilities[found.labels == -1] == 0).all()
    assert ((found.probabilities >= 0) & (found.probabilities <= 1)).all()


@settings(max_examples=2, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.randoms(use_true_random=False))
def test_the_order_of_rows_does_not_matter_to_the_last_bit(
    planted: tuple[np.ndarray, list[int], Clustering], dice: object
) -> None:
    values, _, found = planted
    order = list(range(len(values)))
    dice.shuffle(order)  # type: ignore[attr-defined]
    again = cluster(values[order], CHOICES)
    for name in ("labels", "probabilities", "x", "y", "fitted"):
        assert np.array_equal(getattr(again, name), getattr(found, name)[order]), name
    assert again.quality == found.quality


def test_what_was_believed_the_day_before_needs_a_little_less_whatever_its_numbers(
    planted: tuple[np.ndarray, list[int], Clustering],
) -> None:
    values, _, found = planted
    before = np.where(found.labels == -1, -1, 2 - found.labels)
    before[::9] = ABSENT
    again = cluster(values, CHOICES, before=before)
    renamed = cluster(values, CHOICES, before=np.where(before >= 0, (before + 1) % 3, before))
    assert again.parameters["leeway"] == 0.1
    assert found.parameters["leeway"] == 0.0
    assert adjusted_rand_score(found.labels, again.labels) > 0.95
    assert np.array_equal(again.labels, renamed.labels)


def test_a_new_group_is_told_beside_those_carried_on(planted: tuple[np.ndarray, list[int], Clustering]) -> None:
    values, truth, found = planted
    again = cluster(values, CHOICES, before=np.minimum(found.labels, 1))
    assert again.parameters["carried"]
    assert again.words.endswith("carried on.")
    assert adjusted_rand_score(truth, again.labels) >= 0.85
    assert set(again.labels) - {-1} == {0, 1, 2}


def test_a_cut_that_was_chance_is_not_carried_on(planted: tuple[np.ndarray, list[int], Clustering]) -> None:
    values, truth, found = planted
    side = (values[:, 15] > np.median(values[:, 15])).astype(int)
    again = cluster(values, CHOICES, before=np.where(found.labels == 0, 3 * side, found.labels))
    assert adjusted_rand_score(truth, again.labels) >= 0.85
    assert set(again.labels) - {-1} == {0, 1, 2}


def test_a_user_far_from_everybody_is_in_no_group(planted: tuple[np.ndarray, list[int], Clustering]) -> None:
    values, _, alone = planted
    strangers = np.random.default_rng(4).uniform(-60, 60, (30, values.shape[1])).astype(np.float32)
    found = cluster(np.vstack([values, strangers]), CHOICES)
    assert set(found.labels[400:]) == {-1}
    assert not found.fitted[400:].any()
    assert np.array_equal(found.labels[:400], alone.labels)


def test_users_who_behave_alike_are_told_alike(planted: tuple[np.ndarray, list[int], Clustering]) -> None:
    values = planted[0].copy()
    values[300:] = values[200:300]
    found = cluster(values, CHOICES)
    assert np.array_equal(found.labels[300:], found.labels[200:300])
    assert np.array_equal(found.x[300:], found.x[200:300])


@pytest.mark.parametrize("seed", range(20))
def test_shuffled_features_give_no_groups(planted: tuple[np.ndarray, list[int], Clustering], seed: int) -> None:
    found = cluster(shuffled(planted[0], seed), CHOICES)
    assert found.verdict == "no_structure"
    assert set(found.labels) == {-1}
    assert "dealt out at random" in found.words


def test_one_crowd_whose_habits_go_together_is_not_cut_up() -> None:
    dice = np.random.default_rng(3)
    activity = dice.normal(size=(400, 2)) @ dice.normal(size=(2, 20))
    found = cluster((activity + dice.normal(size=(400, 20))).astype(np.float32), CHOICES)
    assert found.verdict in ("one_blob", "dust")
    assert set(found.labels) == {-1}
    assert (found.quality.togetherness or 0) > 6


def test_groups_along_one_component_are_believed_where_the_habits_behind_it_go_together() -> None:
    dice = np.random.default_rng(8)
    kind = np.arange(300) % 2
    habits = (kind[:, None] * 4 + dice.normal(size=(300, 6))).astype(np.float32)
    components = np.column_stack([2 * habits.mean(axis=1), dice.normal(size=(300, 2))]).astype(np.float32)
    assert cluster(components, CHOICES).verdict == "no_structure"
    found = cluster(components, CHOICES, habits=habits)
    assert adjusted_rand_score(kind, found.labels) >= 0.95
    assert cluster(components, CHOICES, habits=shuffled(habits, 1)).verdict == "no_structure"


def test_users_beyond_the_sample_are_placed_and_what_that_loses_is_told() -> None:
    values, truth = made_users(1_600, 3, seed=2)
    found = cluster(values, CHOICES.model_copy(update={"fit_users": 1_000}))
    assert found.fitted.sum() == 1_000
    assert adjusted_rand_score(np.array(truth)[~found.fitted], found.labels[~found.fitted]) >= 0.85
    assert (found.quality.placement_agreement or 0) >= 0.9


def test_users_of_few_sessions_are_placed_and_shape_nothing(
    planted: tuple[np.ndarray, list[int], Clustering],
) -> None:
    values, truth, alone = planted
    strays, stray_truth = values[:40] + np.float32(0.01), truth[:40]
    sparse = np.array([False] * len(values) + [True] * 40)
    found = cluster(np.vstack([values, strays]), CHOICES, sparse)
    assert np.array_equal(found.labels[:400], alone.labels)
    assert not found.fitted[400:].any()
    assert adjusted_rand_score(stray_truth, found.labels[400:]) >= 0.8


@pytest.mark.parametrize(
    ("values", "verdict"),
    [
        (np.zeros((0, 5)), "too_few_users"),
        (np.zeros((0, 0)), "too_few_users"),
        (np.ones((1, 5)), "too_few_users"),
        (np.arange(50.0).reshape(10, 5), "too_few_users"),
        (np.ones((500, 5)), "no_structure"),
        (np.zeros((500, 0)), "no_structure"),
        (np.linspace(0, 1, 500)[:, None], "no_structure"),
    ],
)
def test_too_little_is_said_and_every_user_keeps_a_row(values: np.ndarray, verdict: str) -> None:
    found = cluster(values.astype(np.float32), CHOICES)
    assert found.verdict == verdict
    assert found.words.endswith(".")
    assert len(found.labels) == len(found.x) == len(found.fitted) == len(values)
    assert np.isfinite(found.x).all()
    assert set(found.labels) <= {-1}


@pytest.mark.parametrize("wrong", [np.nan, np.inf])
def test_values_that_are_no_numbers_are_refused_and_counted(wrong: float) -> None:
    values = made_users(60, 1, seed=5)[0]
    values[7, 3] = wrong
    with pytest.raises(InputError, match="1 of 60 users"):
        cluster(values, CHOICES)
