"""The statistics, against published figures, other people's code, simulation and a pencil."""

from __future__ import annotations

from functools import cache
from math import log

import numpy as np
import pytest
from scipy.stats import beta, binom, binomtest, norm, t

from user_intel.detect.judging import Judged, judge
from user_intel.detect.problems import raised
from user_intel.detect.statistics import (
    Counts,
    Expectation,
    Times,
    benjamini_hochberg,
    common_shift,
    expect,
    expect_like_others,
    spread,
    united,
    wilson,
)
from user_intel.product import Thresholds
from user_intel_tests.detect.unchanged_products import Unchanged

# Benjamini and Hochberg (1995), section 3.2: fifteen tests of rt-PA against APSAC after myocardial infarction.
OF_1995 = [0.0001, 0.0004, 0.0019, 0.0095, 0.0201, 0.0278, 0.0298, 0.0344, 0.0459, 0.3240, 0.4262, 0.5719, 0.6528,
           0.7590, 1.0000]  # fmt: skip


def counts(*of: tuple[float, float]) -> Counts:
    """Counts of (hits, units) pairs."""
    hits, units = np.array(of, dtype=float).T
    return Counts(units, hits)


def floats(*values: float) -> np.ndarray:
    return np.array(values, dtype=float)


def expected(link: np.ndarray, variance: np.ndarray, freedom: float = 1e9) -> Expectation:
    """An expectation whose variance is known, unless told otherwise."""
    return Expectation(link, variance, freedom)


def share_below(limit: float, p_values: list[np.ndarray]) -> float:
    """The share of all p-values told that are below a limit."""
    told = np.concatenate(p_values)
    return float(np.mean(told[np.isfinite(told)] < limit))


def test_the_wilson_interval_is_the_published_one() -> None:
    # Newcombe (1998), Statistics in Medicine 17, table I: 81/263, 15/148, 0/20, 1/29.
    low, high = wilson([81, 15, 0, 1], [263, 148, 20, 29])
    assert low.round(4).tolist() == [0.2553, 0.0624, 0.0, 0.0061]
    assert high.round(4).tolist() == [0.3662, 0.1605, 0.1611, 0.1718]


def test_the_wilson_interval_is_scipys() -> None:
    for hits, units in [(0, 1), (1, 1), (3, 7), (50, 100), (999, 1000), (1, 10**7)]:
        theirs = binomtest(hits, units).proportion_ci(method="wilson")
        assert wilson(hits, units) == pytest.approx((theirs.low, theirs.high), abs=1e-9)


def test_without_units_a_rate_may_be_anything() -> None:
    assert [float(end) for end in wilson(0, 0)] == [0, 1]


def test_of_the_fifteen_p_values_of_1995_four_are_discoveries() -> None:
    q_values = benjamini_hochberg(OF_1995)
    assert (q_values <= 0.05).sum() == 4
    assert q_values[3] == pytest.approx(0.0095 * 15 / 4)


def test_what_was_not_tested_has_no_q_value_and_costs_the_others_nothing() -> None:
    assert benjamini_hochberg([]).tolist() == []
    assert benjamini_hochberg([float("nan"), 0.02, 0.04]).tolist() == pytest.approx(
        [float("nan"), 0.04, 0.04], nan_ok=True
    )


def test_p_values_of_one_question_are_united_by_hand() -> None:
    # tan(pi (1/2 - 0.02)) = 15.8945 and tan(pi (1/2 - 0.5)) = 0; half of it is the tangent for 0.03984.
    both = united(floats(0.02, 0.5), floats(1, 1))
    assert both == pytest.approx(0.03984, abs=1e-5)
    assert united(floats(np.nan, 0.5, 0.02), floats(7, 3, 3)) == pytest.approx(both)
    # Nine tenths of the error allowed are for the first.
    assert united(floats(1e-200, 0.5), floats(9, 1)) == pytest.approx(1e-200 / 0.9)
    assert united(floats(0.3), floats(1)) == pytest.approx(0.3)
    assert np.isnan(united(floats(np.nan), floats(1)))


def test_what_is_surely_not_worse_does_not_hide_what_is() -> None:
    assert united(floats(1e-6, 1, 1, 1), floats(1, 1, 1, 1)) < 1e-5


def tail_by_simulation(hits: int, units: int, rate: float, variance: float) -> float:
    """Of a million people's rates, spread about `rate` as a Beta, how often so many of `units` or more are hit."""
    size = rate * (1 - rate) / ((rate * (1 - rate)) ** 2 * variance) - 1
    rates = beta.rvs(rate * size, (1 - rate) * size, size=1_000_000, random_state=3)
    return float(binom.sf(hits - 1, units, rates).mean())


@pytest.mark.parametrize(("hits", "units", "rate", "sd"), [
    (420, 1000, 0.3, 0.2), (30, 100, 0.2, 0.4), (5, 100, 0.02, 0.2), (6, 20, 0.1, 0.3), (3, 30, 0.01, 0.5),
])  # fmt: skip
def test_the_tail_of_a_rate_is_that_of_a_simulated_one(hits: int, units: int, rate: float, sd: float) -> None:
    found = float(counts((hits, units)).tail(expected(floats(log(rate / (1 - rate))), floats(sd**2)))[0])
    simulated = tail_by_simulation(hits, units, rate, sd**2)
    # Where less than five hits are expected it errs on the side of caution.
    assert 0.95 * simulated < found < (1.1 if rate * units >= 5 else 2.6) * simulated


def test_the_tail_of_a_rate_falls_with_every_hit_and_rises_with_every_doubt() -> None:
    seen = counts(*[(hits, 50) for hits in range(51)])
    sure, unsure = (seen.tail(expected(np.full(51, log(0.2 / 0.8)), np.full(51, variance))) for variance in (0.01, 0.2))
    assert (np.diff(sure) < 0).all()
    assert (unsure[20:] > sure[20:]).all()
    assert sure[0] == 1


def test_no_units_and_no_hits_are_no_evidence() -> None:
    surely_nothing = expected(np.full(2, -10.0), np.full(2, 0.01))
    assert counts((0, 0), (0, 50)).tail(surely_nothing).tolist() == [1, 1]
    assert Times(floats(0), floats(0), floats(0)).tail(expected(floats(0), floats(1))).tolist() == [1]


def test_the_tail_of_a_time_is_the_normal_one() -> None:
    # 100 visits of e^3 s, variance of their logarithms 1; expected e^2.8 s with variance 0.03: 0.2 / sqrt(0.04) = 1.
    visits = Times(floats(100), floats(300), floats(1000))
    found = visits.tail(expected(floats(2.8), floats(0.03)))
    assert found[0] == pytest.approx(norm.sf(1))


def test_what_few_have_taught_has_the_tail_of_student() -> None:
    visits = Times(floats(100), floats(300), floats(1000))
    found = visits.tail(expected(floats(2.6), floats(0.03), freedom=7))
    assert found[0] == pytest.approx(t.sf(2, 7))


def test_spread_finds_the_variance_beyond_sampling() -> None:
    luck = np.random.default_rng(1)
    sampling = luck.uniform(0.001, 0.05, 4000)
    deviations = luck.normal(0, np.sqrt(sampling + 0.3**2))
    assert spread(deviations, sampling, 0.05) == pytest.approx(0.3**2, rel=0.1)


def test_spread_is_not_pulled_by_a_minority_in_trouble() -> None:
    luck = np.random.default_rng(2)
    deviations = luck.normal(0, 0.2, 400)
    deviations[:60] += 3
    assert spread(deviations, np.zeros(400), 0.05) ** 0.5 == pytest.approx(0.2, abs=0.05)


def test_spread_is_never_less_than_its_floor_and_of_few_subjects_it_is_the_floor() -> None:
    assert spread(np.zeros(50), np.full(50, 0.01), 0.1) == pytest.approx(0.01)
    assert spread(floats(5, 5, 5, 5), np.zeros(4), 0.1) == pytest.approx(0.01)


def test_the_common_shift_is_that_of_the_others_each_cut_at_half_a_logit() -> None:
    # Others differ by 0.15: with sampling variance 0.0275 each of them weighs 1 / 0.05 = 20, the prior 1 / 0.2^2 = 25.
    shifts, groups = floats(0.3, 0.1, 4.0, 0.2, np.nan), np.array([0, 0, 0, 1, 0])
    found, variance = common_shift(shifts, np.full(5, 0.0275), groups, 0.2)
    assert found == pytest.approx([20 * (0.1 + 0.5) / 65, 20 * (0.3 + 0.5) / 65, 20 * 0.4 / 65, 0, 20 * 0.9 / 85])
    assert variance == pytest.approx([1 / 65, 1 / 65, 1 / 65, 1 / 25, 1 / 85])


def test_what_all_subjects_do_at_once_is_expected_of_each() -> None:
    before, after = counts(*[(1000, 5000)] * 40), counts(*[(1250, 5000)] * 40)
    expectation = expect(before, after, np.zeros(40, dtype=np.int64), np.arange(40), 0.07, 0.15)
    assert before.unlink(expectation.link) == pytest.approx(np.full(40, 0.25), abs=0.003)


def test_comparable_subjects_are_expected_to_be_like_the_others_and_not_like_themselves() -> None:
    seen = counts(*[(100, 1000)] * 12, (900, 1000))
    found = expect_like_others(seen, np.ones(13, dtype=bool), 0.5)
    assert seen.unlink(found.link)[-1] == pytest.approx(0.1, abs=0.001)
    assert found.variance[-1] == pytest.approx(0.25, rel=0.15)


QUIET = {
    "calm": Unchanged(),
    "few sessions": Unchanged(sessions_a_day=20, steps_sd=0),
    "days that move all steps": Unchanged(days_sd=0.3),
    "weekends": Unchanged(weekend=0.3),
    "weekends, short history": Unchanged(weekend=0.3, days=9),
    "steps that vary by themselves": Unchanged(steps_sd=0.15),
    "segments that differ": Unchanged(segments_sd=0.2),
}
METRICS = ("exits", "dwells")
DAYS = 20
OF_ANY_SIZE = Thresholds(min_rate_change=0, min_signal_change=0, min_ratio=1, min_slow_ratio=1)


@cache
def judged_days(product: Unchanged, metric: str) -> list[Judged]:
    """Twenty last days of twenty such products."""
    luck = np.random.default_rng(17)
    return [judge(getattr(product, metric)(luck), 7) for _ in range(DAYS)]


@pytest.mark.parametrize("metric", METRICS)
@pytest.mark.parametrize("product", QUIET.values(), ids=QUIET)
def test_where_nothing_changes_p_values_are_no_smaller_than_chance_lets_them(product: Unchanged, metric: str) -> None:
    for reference in ("own_baseline", "rest_of_product"):
        told = [each.p_by_reference[reference] for each in judged_days(product, metric)]
        assert share_below(0.01, told) <= 0.015, reference
        assert share_below(0.1, told) <= 0.12, reference


def test_where_nothing_changes_at_most_one_day_in_twenty_has_a_discovery() -> None:
    days = [each for product in QUIET.values() for metric in METRICS for each in judged_days(product, metric)]
    assert np.mean([bool(raised([each], OF_ANY_SIZE)[0]) for each in days]) <= 0.05


@pytest.mark.parametrize("steps", [6, 12, 60])
def test_steps_that_merely_differ_are_comparable(steps: int) -> None:
    luck = np.random.default_rng(17)
    found = []
    for _ in range(600 // steps):
        series = Unchanged(steps=steps, days=7).exits(luck)
        peers = series.only(np.array([key.segment == "all" for key in series.keys]))
        found.append(judge(series, 7, peers=peers).p_by_reference["comparable_steps"])
    assert share_below(0.01, found) <= 0.02
    assert share_below(0.1, found) <= 0.13
