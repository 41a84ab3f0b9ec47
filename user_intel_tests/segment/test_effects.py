"""How much groups differ: values by hand, beside scipy and a slow count of pairs, and how often intervals hold."""

from math import erf

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from user_intel.segment.effects import Effect, Measure


def effect(group: list[float], rest: list[float]) -> Effect:
    members = np.array([True] * len(group) + [False] * len(rest))
    found = Measure(np.array(group + rest)).effect(members)
    assert found
    return found


def test_delta_medians_and_quartiles_by_hand() -> None:
    # Of the nine pairs the group's is larger in six (1>0 2>0 2>1 5>0 5>1 5>4), smaller in two (1<4 2<4).
    found = effect([1, 2, 5], [0, 1, 4])
    assert found.delta == pytest.approx((6 - 2) / 9)
    assert (found.group.median, found.rest.median) == (2, 1)
    assert (found.group.low, found.group.high, found.group.mean) == (1, 5, pytest.approx(8 / 3))


@settings(max_examples=40, deadline=None)
@given(*[st.lists(st.integers(0, 6).map(float), min_size=2, max_size=25)] * 2)
def test_delta_is_that_of_all_pairs_and_lies_in_its_interval(group: list[float], rest: list[float]) -> None:
    found = effect(group, rest)
    pairs = [np.sign(mine - other) for mine in group for other in rest]
    assert found.delta == pytest.approx(sum(pairs) / len(pairs))
    assert -1 <= found.low <= found.delta + 1e-12
    assert found.delta <= found.high + 1e-12 <= 1 + 1e-9
    opposite = effect(rest, group)
    assert (opposite.delta, opposite.low) == (pytest.approx(-found.delta), pytest.approx(-found.high))


def test_p_values_are_those_of_brunner_and_munzel() -> None:
    group, rest = [3.0, 5.0, 7.0, 9.0, 4.0, 8.0], [1.0, 2.0, 3.0, 6.0, 5.0, 2.0, 1.0]
    # scipy.stats.brunnermunzel(group, rest, distribution="normal") of 1.17; importing it takes seconds.
    assert effect(group, rest).p_value == pytest.approx(0.0007684165032857376, rel=1e-9)


def test_nineteen_of_twenty_intervals_hold_the_truth() -> None:
    dice = np.random.default_rng(5)
    truth = erf(0.8 / 2)  # of two normals 0.8 standard deviations apart
    held = 0
    for _ in range(400):
        found = effect(list(dice.normal(0.8, 1, 30)), list(dice.normal(0, 1, 90)))
        held += found.low <= truth <= found.high
    assert 0.92 <= held / 400 <= 0.98


def test_where_nothing_overlaps_few_users_prove_little() -> None:
    few, many = effect([5.0] * 6, [1.0] * 50), effect([5.0] * 60, [1.0] * 500)
    assert (few.delta, few.high, many.delta, many.high) == (1, 1, 1, 1)
    assert few.low == pytest.approx((6 - 3.8415) / (6 + 3.8415), abs=1e-4)
    assert many.low > 0.87
    assert many.p_value < 1e-10


def test_values_that_are_not_there_take_no_part_and_too_few_say_nothing() -> None:
    values = np.array([1.0, np.nan, 3.0, np.inf, 2.0, 2.0])
    found = Measure(values).effect(np.array([True, True, True, False, False, False]))
    assert found
    assert (found.group.users, found.rest.users, found.delta) == (2, 2, 0.0)
    assert Measure(values).effect(np.array([True, True, False, False, False, False])) is None
    assert Measure(np.full(4, np.nan)).effect(np.array([True, True, False, False])) is None
    alike = effect([1.0, 1.0], [1.0, 1.0, 1.0])
    assert (alike.delta, alike.low, alike.high, alike.p_value) == (0, 0, 0, 1)
