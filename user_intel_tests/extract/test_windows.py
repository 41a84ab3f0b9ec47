"""How a day is cut into windows, and how reading moves through them."""

from dataclasses import replace
from datetime import timedelta
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from user_intel.extract.posthog_api import MOST_ROWS, Counts, Stretch
from user_intel.extract.windows import (
    FEWEST_PAGE_ROWS,
    MINUTE,
    PAGE_BYTES,
    PageSize,
    Window,
    differing,
    plan,
)
from user_intel_tests.extract.posthog_lake import NOON

STRETCH = Stretch(NOON, NOON + timedelta(days=1))
MINUTES = st.dictionaries(st.integers(0, 1439).map(lambda n: NOON + n * MINUTE), st.integers(1, 40_000), max_size=40)


def counted(rows: dict[object, int]) -> dict[object, Counts]:
    return {minute: Counts(count, count) for minute, count in rows.items()}


@given(MINUTES)
def test_windows_cover_the_day_without_gap_or_overlap(rows: dict[object, int]) -> None:
    windows = plan(STRETCH, counted(rows))  # type: ignore[arg-type]

    assert sum(window.expected or 0 for window in windows) == sum(rows.values())
    if windows:
        assert windows[0].start == STRETCH.start
        assert windows[-1].end == STRETCH.end
    for window, following in pairwise(windows):
        assert window.end == following.start


@given(MINUTES)
def test_a_window_holds_more_than_wanted_only_when_one_minute_does(rows: dict[object, int]) -> None:
    for window in plan(STRETCH, counted(rows)):  # type: ignore[arg-type]
        minutes = [minute for minute in rows if window.start <= minute < window.end]  # type: ignore[operator]
        assert window.expected == sum(rows[minute] for minute in minutes)
        assert (window.expected or 0) <= 25_000 or len(minutes) == 1


def test_a_day_without_events_has_no_window() -> None:
    assert plan(STRETCH, {}) == []


def test_only_minutes_that_hold_more_are_read_again() -> None:
    minutes = {NOON + n * MINUTE: Counts(5, 4) for n in range(6)}
    held = {NOON: 4, NOON + MINUTE: 3, NOON + 3 * MINUTE: 4, NOON + 4 * MINUTE: 5, NOON + 5 * MINUTE: 1}

    again = differing(STRETCH, minutes, held)

    assert [(window.start, window.end, window.expected) for window in again] == [
        (NOON + MINUTE, NOON + 3 * MINUTE, 10),
        (NOON + 5 * MINUTE, NOON + 6 * MINUTE, 5),
    ]


def test_the_first_minute_of_a_stretch_is_not_read_before_its_start() -> None:
    stretch = replace(STRETCH, start=NOON + timedelta(seconds=20), end=NOON + timedelta(seconds=90))

    again = differing(stretch, {NOON: Counts(1, 1), NOON + MINUTE: Counts(1, 1)}, {})

    assert [(window.start, window.end) for window in again] == [(stretch.start, stretch.end)]


def window(expected: int | None) -> Window:
    return Window(NOON, NOON + timedelta(hours=1), NOON, NOON, expected)


def test_a_short_page_ends_a_window_only_when_as_many_rows_came_as_were_counted() -> None:
    last = (NOON + MINUTE, "b")
    cut, whole, uncounted = window(250), window(100), window(None)
    for each in (cut, whole, uncounted):
        each.advance(100, 200, last)

    # The source cut the first answer at 100 rows although 200 were asked for.
    assert (cut.done, whole.done, uncounted.done) == (False, True, True)
    assert (cut.start, cut.after, cut.expected) == (*last, 150)
    cut.advance(0, 200, None)
    assert cut.done
    assert (cut.start, cut.after) == last


def test_a_full_page_never_ends_a_window() -> None:
    full = window(100)
    full.advance(100, 100, (NOON, "a"))

    assert not full.done


def test_the_second_half_begins_where_the_first_ends_and_what_was_read_stays_read() -> None:
    read = window(100)
    read.advance(10, 10, (NOON + 20 * MINUTE, "a"))

    first, second = read.halves() or []

    assert (first.start, first.after, first.end) == (NOON + 20 * MINUTE, "a", NOON + 40 * MINUTE)
    assert (second.start, second.after, second.end) == (NOON + 40 * MINUTE, "", NOON + 60 * MINUTE)


def test_a_second_is_not_halved() -> None:
    assert Window(NOON, NOON + timedelta(seconds=1), NOON, NOON).halves() is None


@given(st.integers(1, 50_000), st.integers(1, 100_000))
def test_pages_weigh_what_they_may_and_never_more_rows_than_posthog_gives(rows: int, each: int) -> None:
    size = PageSize()
    size.learn(rows, rows * each)

    assert FEWEST_PAGE_ROWS <= size.rows <= MOST_ROWS
    assert size.rows * each <= PAGE_BYTES or size.rows == FEWEST_PAGE_ROWS


def test_a_page_that_was_too_much_is_never_asked_for_again() -> None:
    size = PageSize()
    size.learn(1000, 1000)
    assert size.halve()
    size.learn(1000, 1000)

    assert size.rows == MOST_ROWS // 2
