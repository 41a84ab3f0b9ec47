"""Old days of events, recordings and user_features go, the newest of them and all journeys and groups stay."""

import os
from datetime import date, timedelta
from pathlib import Path

import duckdb
import pytest

from user_intel.errors import DayBusy
from user_intel.lake import Lake
from user_intel.product import Product
from user_intel.retention import apply_retention
from user_intel.tables import catalogue

TODAY = date(2026, 11, 20)


@pytest.fixture
def lake(tmp_path: Path) -> Lake:
    """Days of several ages in every table, all without rows."""
    made = Lake(tmp_path, catalogue(Product()))
    with made.connect() as connection:
        for table in made.tables:
            for age in (1, 90, 91, 400):
                made.write_day(table, TODAY - timedelta(days=age), made.read(connection, table, []))
    return made


def test_days_older_than_the_retention_go_from_tables_that_tell_of_events_only(lake: Lake) -> None:
    expiring = ("events", "recordings", "user_features")
    old = [TODAY - timedelta(days=age) for age in (400, 91)]
    assert apply_retention(lake, 90, TODAY) == dict.fromkeys(expiring, old)
    assert all(lake.days(table) == [TODAY - timedelta(days=age) for age in (90, 1)] for table in expiring)
    assert all(len(lake.days(table)) == 4 for table in lake.tables if table not in expiring)
    assert apply_retention(lake, 90, TODAY) == {table: [] for table in expiring}


def test_old_rejected_rows_go_too(lake: Lake) -> None:
    folder = lake.home / "rejected" / "csv"
    folder.mkdir(parents=True)
    for name, age in (("old", 91), ("new", 2)):
        path = folder / f"{name}.parquet"
        with duckdb.connect() as connection:
            connection.query("select 1 as row").write_parquet(str(path))
        seconds = (TODAY - timedelta(days=age) - date(1970, 1, 1)).total_seconds()
        os.utime(path, (seconds, seconds))
    apply_retention(lake, 90, TODAY)
    assert [path.name for path in folder.iterdir()] == ["new.parquet"]


def test_a_day_that_is_being_written_is_not_dropped_under_its_writer(
    lake: Lake, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("user_intel.retention._WAIT_S", 0.05)
    oldest = TODAY - timedelta(days=400)
    with lake.writing("events", oldest), pytest.raises(DayBusy):
        apply_retention(lake, 90, TODAY)
    assert oldest in lake.days("events")
