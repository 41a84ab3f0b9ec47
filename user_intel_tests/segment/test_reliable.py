"""Components hold what users' halves share and drop what they do not: columns made so that the answer is known."""

import numpy as np
import pytest
from numpy.typing import NDArray

from user_intel.segment.reliable import MOST_COMPONENTS, reliable_components
from user_intel.segment.scaling import lifted

Floats = NDArray[np.float64]
USERS = 3000
EVERYBODY = np.ones(USERS, dtype=np.bool_)


def halves(own: Floats, luck: Floats, seed: int = 1) -> tuple[Floats, Floats, Floats]:
    """The whole and both halves of users whose columns are `own` and, in each half, luck of that deviation."""
    dice = np.random.default_rng(seed)
    first, second = (own + luck * dice.normal(size=own.shape) for _ in range(2))
    return (first + second) / 2, first, second


def test_a_habit_of_ones_own_is_kept_and_a_lucky_column_is_not() -> None:
    dice = np.random.default_rng(0)
    own = np.column_stack([dice.normal(size=USERS), np.zeros(USERS), np.zeros(USERS)])
    found = reliable_components(*halves(own, np.array([0.5, 1.0, 3.0])), EVERYBODY)
    assert found.values.shape == (USERS, 1)
    # The whole varies by 1 + 0.5^2 / 2, luck in it by 0.5^2 / 2; the ridge is 0.05 of the whole.
    assert found.ratios[0] == pytest.approx(1.125 / (0.125 + 0.05 * 1.125), rel=0.1)
    assert abs(np.corrcoef(found.values[:, 0], own[:, 0])[0, 1]) > 0.93


def test_components_count_as_far_as_they_are_the_users_own() -> None:
    dice = np.random.default_rng(6)
    whole, first, second = halves(dice.normal(size=(USERS, 2)), np.array([0.4, 1.0]))
    found = reliable_components(whole, first, second, EVERYBODY)
    # In units of luck a component varies by its ratio; of that, all but one part in so many is their own.
    assert found.values.var(axis=0) == pytest.approx(found.ratios * (1 - 1 / found.ratios) ** 2, rel=0.02)
    assert found.ratios[0] > 2 * found.ratios[1]


def test_columns_that_say_the_same_count_once() -> None:
    dice = np.random.default_rng(2)
    habit = dice.normal(size=USERS)
    own = np.column_stack([habit, habit, habit, dice.normal(size=USERS)])
    found = reliable_components(*halves(own, np.full(4, 0.4)), EVERYBODY)
    assert found.values.shape[1] == 2
    assert abs(np.corrcoef(found.values.T)[0, 1]) < 0.01


def test_scale_and_order_of_columns_and_rows_do_not_matter() -> None:
    dice = np.random.default_rng(3)
    parts = halves(dice.normal(size=(USERS, 4)), np.array([0.3, 0.5, 0.7, 0.9]))
    plain = reliable_components(*parts, EVERYBODY)
    factors, order, rows = np.array([1e-3, 5.0, 700.0, 1.0]), [2, 0, 3, 1], dice.permutation(USERS)
    turned = reliable_components(*((part * factors)[rows][:, order] for part in parts), EVERYBODY)
    assert turned.ratios == pytest.approx(plain.ratios)
    assert turned.values == pytest.approx(plain.values[rows], abs=1e-6)


def test_who_does_not_shape_is_placed_by_the_others() -> None:
    dice = np.random.default_rng(4)
    whole, first, second = halves(dice.normal(size=(USERS, 3)), np.full(3, 0.3))
    shaping = np.arange(USERS) < 2000
    wild = np.where(shaping[:, None], whole, whole * 1000)
    some, alone = (reliable_components(each, first, second, shaping) for each in (wild, whole))
    assert some.loadings == pytest.approx(alone.loadings)


def test_what_is_not_known_of_a_half_tells_nothing_and_no_more_than_so_many_are_kept() -> None:
    dice = np.random.default_rng(5)
    whole, first, second = halves(dice.normal(size=(USERS, 20)), np.full(20, 0.3))
    first[dice.random(first.shape) < 0.3] = np.nan
    found = reliable_components(whole, first, second, EVERYBODY)
    assert found.values.shape == (USERS, MOST_COMPONENTS)
    assert np.isfinite(found.values).all()


def test_never_is_hardly_farther_from_once_than_once_from_twice() -> None:
    """Else whoever happened to use a rare feature stands apart from everybody else."""
    never, once, twice, always = lifted(np.array([0, 1 / 8, 2 / 8, 1]))
    assert once - never < 1.5 * (twice - once)
    assert (never, always) == (0, 1)
    assert twice > 2 / 8
