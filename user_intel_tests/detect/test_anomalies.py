"""Anomalies: five weeks of a product written down as numbers, and one day that is unlike them."""

from __future__ import annotations

from collections.abc import Sequence
from types import SimpleNamespace
from typing import Any

import polars as pl
import pytest
from scipy.stats import t

from user_intel.detect.anomalies import Anomaly, found_anomalies
from user_intel.detect.flows import Flow
from user_intel.detect.history import History
from user_intel.product import Funnel, Product
from user_intel_tests.detect.hand_made import DAY, before

# Monday to Sunday; the last day is a Sunday.
WEEK = [1000, 1100, 1050, 1080, 1020, 400, 300]
FIVE_WEEKS = WEEK * 5
BUY = Flow("buy", ("/cart", "/paid"), mined=False, options=Funnel())


def told(
    sessions: Sequence[float],
    recorded: Sequence[float] | None = None,
    events: dict[str, Sequence[float]] | None = None,
    pages: dict[str, Sequence[float]] | None = None,
) -> dict[str, Anomaly]:
    """Every metric of the last of consecutive days that end at `DAY`, by name."""
    rows: list[tuple[Any, ...]] = []
    for place, units in enumerate(sessions):
        day = before(len(sessions) - 1 - place)
        rows.append((day, "day", "sessions", "", "all", units, units // 2, units))
        rows.append((day, "day", "recorded", "", "all", units, 0, recorded[place] if recorded else 0))
        rows += [(day, "event", name, "", "all", units, 0, counts[place]) for name, counts in (events or {}).items()
                 if counts[place]]  # fmt: skip
        rows += [(day, "exit", name, name, "all", counts[place], 0, None) for name, counts in (pages or {}).items()
                 if counts[place]]  # fmt: skip
    names = ["day", "metric", "subject", "step", "segment", "units", "hits", "total"]
    frame = pl.DataFrame(rows, schema=names, orient="row", infer_schema_length=None)
    history = History(frame.with_columns(total_squares=pl.lit(None, pl.Float64)))
    scene: Any = SimpleNamespace(history=history, day=DAY, flows=[BUY], product=Product())
    return {each.metric: each for each in found_anomalies(scene)}


def shares_of(sessions: Sequence[float], share: float) -> list[float]:
    return [round(units * share) for units in sessions]


def test_a_sunday_is_compared_with_sundays() -> None:
    found = told(FIVE_WEEKS)["sessions"]
    assert (found.value, found.expected, found.score, found.direction) == (300, 300, 0, "none")
    # As many as on a weekday are too many for a Sunday; and the other way round.
    up = told([*FIVE_WEEKS[:-1], 1000])["sessions"]
    assert (up.direction, up.expected) == ("up", 300)
    down = told([*FIVE_WEEKS[:-1], 30])["sessions"]
    assert (down.direction, down.expected) == ("down", 300)


def test_the_score_of_a_volume_by_hand() -> None:
    # Weeks alike vary by nothing: a fifth of 301 stays open. 690 - 300 is 6.48 of it, of Student's with 4 degrees.
    found = told([*FIVE_WEEKS[:-1], 690])["sessions"]
    score = 390 / (0.2 * 301)
    assert (found.score, found.p_value) == (pytest.approx(score), pytest.approx(2 * t.sf(score, 4)))
    assert (found.low, found.high) == (pytest.approx(300 - 3.5 * 60.2), pytest.approx(300 + 3.5 * 60.2))


def test_a_product_that_grows_is_expected_to_go_on_growing() -> None:
    grown = [units * 1.2**week for week in range(5) for units in WEEK]
    found = told(grown)["sessions"]
    assert found.expected == pytest.approx(grown[-1], rel=0.01)


def test_two_weeks_have_to_be_known_before_a_weekday_is() -> None:
    short = told(FIVE_WEEKS[-14:])["sessions"]
    assert (short.p_value, short.expected, short.reason) == (None, None, "no_baseline")
    assert told(FIVE_WEEKS[-15:])["sessions"].reason is None


def test_an_event_is_counted_per_session_so_a_weekend_makes_no_difference() -> None:
    found = told(FIVE_WEEKS, events={"save": shares_of(FIVE_WEEKS, 0.5)})["event:save"]
    assert (found.value, found.kind, found.direction) == (150, "rate", "none")
    assert found.expected == pytest.approx(150, rel=0.01)


@pytest.mark.parametrize(("today", "direction"), [(10, "down"), (150, "none"), (400, "up")])
def test_an_event_may_be_too_rare_or_too_frequent(today: float, direction: str) -> None:
    # Deviation: the square root of 2 * 150 + 1, or 17.3; of it 3.5 are ordinary.
    found = told(FIVE_WEEKS, events={"save": [*shares_of(FIVE_WEEKS[:-1], 0.5), today]})["event:save"]
    assert found.direction == direction


@pytest.mark.parametrize("often", [0.2, 50])
def test_an_event_that_stops_while_people_come_has_vanished(often: float) -> None:
    # Hundreds a day, or fifty thousand: then the probability is too small for any number.
    counts = shares_of(FIVE_WEEKS, often)
    counts[-3:] = [0, 0, 0]
    found = told(FIVE_WEEKS, events={"save": counts})["event:save"]
    assert (found.kind, found.value, found.first_day, found.direction) == ("vanished", 0, before(2), "down")
    assert found.p_value is not None
    assert found.p_value < 1e-9


def test_a_page_may_vanish_as_well_and_a_goal_is_missed_as_a_conversion() -> None:
    counts = [*shares_of(FIVE_WEEKS[:-1], 0.4), 0]
    found = told(FIVE_WEEKS, pages={"/paid": counts})
    assert found["page:/paid"].kind == found["conversion:buy"].kind == "vanished"


def test_nothing_vanishes_when_nobody_comes() -> None:
    sessions = [*FIVE_WEEKS[:-1], 0]
    found = told(sessions, events={"save": shares_of(sessions, 0.2)})["event:save"]
    assert (found.kind, found.p_value, found.reason) == ("rate", None, "no_baseline")


def test_what_comes_now_and_then_does_not_vanish_when_it_does_not_come() -> None:
    now_and_then = [0 if place % 4 else 40 for place in range(35)]
    few = [3] * 34 + [0]
    found = told(FIVE_WEEKS, events={"report": now_and_then, "export": few})
    assert {found[name].kind for name in ("event:report", "event:export")} == {"rate"}
    assert {found[name].direction for name in ("event:report", "event:export")} == {"none"}


def test_recordings_that_stop_while_people_come_are_broken_tracking() -> None:
    recorded = shares_of(FIVE_WEEKS, 0.5)
    recorded[-2:] = [40, 20]
    found = told(FIVE_WEEKS, recorded)["recorded_share"]
    assert (found.kind, found.first_day, found.direction) == ("tracking", before(1), "down")
    assert (found.value, found.expected) == (20 / 300, 0.5)
    assert found.p_value is not None
    assert found.p_value < 0.001


@pytest.mark.parametrize(("today", "recorded", "reason"), [
    (300, 150, "recorded_as_usual"), (300, 75, "recorded_as_usual"), (100, 10, "other_traffic"),
])  # fmt: skip
def test_recordings_are_not_missed_where_they_or_people_are_merely_fewer(
    today: float, recorded: float, reason: str
) -> None:
    # 75 of 300 are half of what is usual; below 40 % of it they are missed, while traffic is within a quarter.
    sessions = [*FIVE_WEEKS[:-1], today]
    found = told(sessions, [*shares_of(FIVE_WEEKS[:-1], 0.5), recorded])["recorded_share"]
    assert (found.p_value, found.reason) == (None, reason)


def test_a_product_without_recordings_misses_none() -> None:
    assert "recorded_share" not in told(FIVE_WEEKS)


def test_a_day_that_was_not_counted_says_nothing() -> None:
    frame = pl.DataFrame(
        [(before(1), "day", "sessions", "", "all", 10, 5, 10.0, None)],
        schema=["day", "metric", "subject", "step", "segment", "units", "hits", "total", "total_squares"],
        orient="row",
    )
    scene: Any = SimpleNamespace(history=History(frame), day=DAY, flows=[BUY], product=Product())
    assert found_anomalies(scene) == []
