"""The checks on a day of events: ids once, and a volume like that of the same weekday before."""

from datetime import date, timedelta
from pathlib import Path

import pytest

from user_intel.extract import checks
from user_intel.lake import Lake
from user_intel.product import Product
from user_intel.tables import EVENTS, catalogue

SUNDAY = date(2026, 11, 1)


def store(lake: Lake, day: date, ids: list[str]) -> None:
    columns = ", ".join(
        {"day": f"date '{day}' as day", "event_id": "id as event_id"}.get(c.name, f"null::{c.type} as {c.name}")
        for c in EVENTS.columns
    )
    with lake.connect() as connection:
        lake.write_day("events", day, connection.sql(f"select {columns} from unnest($ids) t(id)", params={"ids": ids}))


@pytest.fixture
def lake(tmp_path: Path) -> Lake:
    return Lake(tmp_path, catalogue(Product()))


def test_an_id_that_occurs_three_times_is_one_repeated_id(lake: Lake) -> None:
    store(lake, SUNDAY, ["a", "b", "b", "b", "c"])
    assert checks.repeated_event_ids(lake, SUNDAY) == 1


def test_the_bounds_come_from_the_same_weekday_and_need_three_weeks(lake: Lake) -> None:
    for weeks, rows in enumerate([10, 12, 14], start=1):
        store(lake, SUNDAY - timedelta(weeks=weeks), [str(n) for n in range(rows)])
        store(lake, SUNDAY - timedelta(weeks=weeks, days=1), [str(n) for n in range(500)])
    store(lake, SUNDAY, [str(n) for n in range(30)])
    found = checks.volume(lake, SUNDAY)
    # Median 12, median absolute deviation 2: 5 * 1.4826 * 2 = 14.8 is more than half the median.
    assert (found.low, round(found.high or 0, 1)) == (0.0, 26.8)
    assert not found.usual
    assert "30 events" in found.summary
    lake.drop_day("events", SUNDAY - timedelta(weeks=3))
    assert checks.volume(lake, SUNDAY).usual


@pytest.mark.parametrize(
    ("history", "expected"),
    [([1000] * 4, (500.0, 1500.0)), ([1000, 1010], (None, None)), ([0, 0, 0], (0.0, 0.0))],
)
def test_bounds_worked_by_hand(history: list[int], expected: tuple[float | None, float | None]) -> None:
    assert checks.bounds(history) == expected
