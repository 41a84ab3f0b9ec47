"""Problems: whom one concerns, since when, and how large it has to be, on counts where only one thing changes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import pytest

from user_intel.detect.history import Key, Series
from user_intel.detect.judging import judge
from user_intel.detect.problems import Problem, raised
from user_intel.product import Thresholds
from user_intel_tests.detect.hand_made import DAY, before

DAYS = 28
SEGMENTS = {"plan=a": 400, "plan=b": 200, "device=x": 300, "device=y": 300}
STEPS = [f"/{n}" for n in range(12)]
Rates = Mapping[tuple[str, str], Sequence[float]]


def exits(changed: Rates, usual: float = 0.2) -> Series:
    """Twelve steps that are left by a fifth in every segment, but for those that `changed` gives for the last days.

    600 a day; plans and devices cut each other evenly, so that a plan's change is half of each device's.
    """
    keys = [Key(step, step, segment) for segment in ("all", *SEGMENTS) for step in STEPS]
    units, hits = np.zeros((len(keys), DAYS)), np.zeros((len(keys), DAYS))
    place = {key: row for row, key in enumerate(keys)}
    for step in STEPS:
        for plan in ("plan=a", "plan=b"):
            for device in ("device=x", "device=y"):
                rates = np.full(DAYS, usual)
                for part in (plan, device, "all"):
                    if last := changed.get((step, part)):
                        rates[-len(last) :] = last
                count = SEGMENTS[plan] / 2
                for segment in ("all", plan, device):
                    units[place[Key(step, step, segment)]] += count
                    hits[place[Key(step, step, segment)]] += np.round(count * rates)
    none = np.zeros(units.shape)
    return Series("exit", keys, [before(back) for back in reversed(range(DAYS))], units, hits, none, none)


def problems(series: Series, limits: Thresholds | None = None) -> list[Problem]:
    limits = limits or Thresholds()
    return raised([judge(series, limits.window_days)], limits)[0]


def test_where_nothing_changes_there_are_none() -> None:
    assert problems(exits({})) == []


@pytest.mark.parametrize("segment", ["all", "plan=b", "device=x"])
@pytest.mark.parametrize("days", [1, 3, 7, 12])
def test_the_step_the_segment_and_the_first_day_are_found(segment: str, days: int) -> None:
    (found,) = problems(exits({("/3", segment): [0.45] * days}))
    assert found.key == Key("/3", "/3", segment)
    assert (found.began, found.began_known, found.last) == (before(days - 1), True, DAY)
    # Measured within the window, against the days before it began.
    assert found.first == before(min(days, 7) - 1)
    assert (found.value, found.expected) == (pytest.approx(0.45), pytest.approx(0.2, abs=0.015))
    assert len(found.days_hit) == days


def test_each_of_two_problems_is_one() -> None:
    found = problems(exits({("/3", "all"): [0.45] * 4, ("/8", "plan=b"): [0.5] * 2}))
    assert {(each.key.step, each.key.segment, each.began) for each in found} == {
        ("/3", "all", before(3)), ("/8", "plan=b", before(1)),
    }  # fmt: skip


def test_what_gets_better_is_no_problem() -> None:
    assert problems(exits({("/3", "all"): [0.05] * 4})) == []


def test_what_all_steps_do_at_once_is_no_problem_of_one() -> None:
    assert problems(exits({(step, "all"): [0.25] * 2 for step in STEPS})) == []
    # Nor what a segment does everywhere, since ever or since yesterday.
    assert problems(exits({(step, "plan=b"): [0.25] * 2 for step in STEPS})) == []
    assert problems(exits({(step, "plan=b"): [0.35] * DAYS for step in STEPS})) == []


def test_a_segment_that_was_always_worse_at_one_step_only_is_told_from_the_rest() -> None:
    (found,) = problems(exits({("/3", "plan=b"): [0.5] * DAYS}))
    assert (found.key.segment, found.reference, found.began_known) == ("plan=b", "rest_of_product", False)
    assert (found.value, found.expected) == (pytest.approx(0.5), pytest.approx(0.2, abs=0.03))
    assert found.began == before(DAYS - 1)


def test_what_is_sure_but_small_is_not_raised() -> None:
    # Four points more are not five; nor is 0.8 against 0.7 a quarter more.
    assert problems(exits({("/3", "all"): [0.24] * 7})) == []
    assert problems(exits({("/3", "all"): [0.80] * 7}, usual=0.7)) == []
    lenient = Thresholds(min_rate_change=0.01, min_ratio=1)
    assert len(problems(exits({("/3", "all"): [0.80] * 7}, usual=0.7), lenient)) == 1


def test_what_has_gone_on_since_before_the_window_is_not_compared_with_itself() -> None:
    (found,) = problems(exits({("/3", "all"): [0.45] * 21}))
    assert found.began == before(20)
    assert found.expected == pytest.approx(0.2, abs=0.015)
    assert (found.earlier_value, found.earlier_units) == (pytest.approx(0.45), 7 * 600)


def test_a_weekend_is_no_problem() -> None:
    # Weekends are left by three in ten everywhere, at /3 by four in ten; this one like those before.
    rates = [0.3 if before(back).weekday() >= 5 else 0.2 for back in reversed(range(DAYS))]
    peculiar = [0.4 if before(back).weekday() >= 5 else 0.2 for back in reversed(range(DAYS))]
    changed: dict[tuple[str, str], list[float]] = {(step, "all"): rates for step in STEPS}
    assert problems(exits({**changed, ("/3", "all"): peculiar})) == []


def test_counts_of_no_size_and_no_days_are_no_problem() -> None:
    series = exits({("/3", "all"): [0.45] * 3})
    empty = series.only(np.zeros(len(series), dtype=bool))
    assert problems(empty) == []
    zeros = np.zeros((len(series), DAYS))
    assert problems(Series("exit", series.keys, series.days, zeros, zeros, zeros, zeros)) == []
    one_day = Series(
        "exit", series.keys, series.days[-1:], *(a[:, -1:] for a in (series.units, series.hits, zeros, zeros))
    )
    assert problems(one_day) == []


def test_days_that_were_not_counted_do_not_stretch_the_window() -> None:
    series = exits({("/3", "all"): [0.45] * 12})
    counted = np.array([before(5) > day or day == DAY for day in series.days])
    days = [day for day, known in zip(series.days, counted, strict=True) if known]
    units, hits, none = (array[:, counted] for array in (series.units, series.hits, series.total))
    gap = Series("exit", series.keys, days, units, hits, none, none)
    (found,) = problems(gap)
    # Of the window's seven days only two were counted.
    assert (found.first, found.units) == (before(6), 2 * 600)
