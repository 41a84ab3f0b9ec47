"""Counts over days: what is a day without counts, what are the units of loops, clicks and features."""

from __future__ import annotations

from datetime import date
from typing import Any

import polars as pl

from user_intel.detect.history import History, Key, home_steps
from user_intel_tests.detect.hand_made import DAY, before

COLUMNS = ["day", "metric", "subject", "step", "segment", "units", "hits", "total", "total_squares"]


def history(*rows: tuple[date, str, str, str, str, int, int]) -> History:
    frame = pl.DataFrame([(*row, None, None) for row in rows], schema=COLUMNS, orient="row")
    return History(frame.cast({"total": pl.Float64, "total_squares": pl.Float64}))


COUNTED: list[tuple[Any, ...]] = [
    (before(3), "exit", "/a", "/a", "all", 100, 10),
    (before(3), "exit", "/b", "/b", "all", 50, 5),
    (before(3), "exit", "/a", "/a", "plan=x", 40, 4),
    (DAY, "exit", "/a", "/a", "all", 200, 20),
    (DAY, "session", "", "", "all", 220, 180),
]


def test_a_day_that_was_not_counted_is_no_column_and_what_did_not_happen_is_zero() -> None:
    found = history(*COUNTED).series("exit")
    assert list(found.days) == [before(3), DAY]
    assert found.units[found.index()[Key("/b", "/b", "all")]].tolist() == [50, 0]
    assert found.units[found.index()[Key("/a", "/a", "all")]].tolist() == [100, 200]
    assert len(history(*COUNTED).series("dwell")) == 0


def test_a_click_is_counted_among_those_who_came_to_its_step_in_every_segment() -> None:
    clicks = [(DAY, "rage_click", "button", "/a", "all", 0, 7), (DAY, "rage_click", "lost", "", "all", 0, 9)]
    found = history(*COUNTED, *clicks).against_arrivals("rage_click")
    # Nobody raged in the segment: that is none of 40. What happened nowhere cannot be compared.
    assert {key: (found.units[row].tolist(), found.hits[row].tolist()) for key, row in found.index().items()} == {
        Key("button", "/a", "all"): ([100, 200], [0, 7]),
        Key("button", "/a", "plan=x"): ([40, 0], [0, 0]),
    }


def test_a_loop_is_counted_among_those_who_came_to_its_least_visited_step() -> None:
    found = history(*COUNTED, (before(3), "loop", '["/a","/b"]', "/a", "all", 0, 6)).loops()
    assert list(found.keys) == [Key('["/a","/b"]', "/a", "all")]
    assert (found.units.tolist(), found.hits.tolist()) == ([[50, 0]], [[6, 0]])


def test_a_feature_is_counted_among_those_who_came_where_most_of_its_uses_are_made() -> None:
    uses = [(before(3), "feature", "export", "/a", "all", 0, 60), (before(3), "feature", "export", "/b", "all", 0, 10)]
    counted = history(*COUNTED, (before(3), "session", "", "", "all", 120, 90), *uses)
    # 60 of 70 uses are made from /a, which is more than four fifths. On the last day nobody used it.
    assert home_steps(counted.series("feature"), 0.8) == {"export": ["/a"]}
    assert home_steps(counted.series("feature"), 0.9) == {"export": ["/a", "/b"]}
    found = counted.features()
    assert list(found.keys) == [Key("export", "/a", "all")]
    assert (found.units.tolist(), found.hits.tolist()) == ([[100, 200]], [[60, 0]])
