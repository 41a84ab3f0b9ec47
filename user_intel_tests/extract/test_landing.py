"""A day holds each event once, whatever arrives, however often and in whatever order."""

from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import duckdb
import pytest

from user_intel.errors import LakeError
from user_intel.extract.landing import Landed, land_day
from user_intel.lake import Lake
from user_intel.product import Product
from user_intel.tables import EVENTS, catalogue

DAY = date(2026, 11, 1)
NOON = datetime(2026, 11, 1, 12)  # noqa: DTZ001


@pytest.fixture
def lake(tmp_path: Path) -> Lake:
    return Lake(tmp_path / "home", catalogue(Product()))


def arrived(folder: Path, name: str, *rows: dict[str, Any]) -> Path:
    """A Parquet file of events; each row names what is special about it."""
    path = folder / f"{name}.parquet"
    columns = ", ".join(f'"{column.name}" {column.type}' for column in EVENTS.columns)
    with duckdb.connect() as connection:
        connection.execute(f"create table arriving ({columns})")
        for row in rows:
            full = {"day": DAY, "user_id": "u", "at": NOON, "event": "x", "source": "csv", "is_bot": False, **row}
            marks = ", ".join(f"${column.name}" for column in EVENTS.columns)
            values = {column.name: full.get(column.name) for column in EVENTS.columns}
            connection.execute(f"insert into arriving values ({marks})", values)
        connection.table("arriving").write_parquet(str(path))
    return path


def held(lake: Lake, columns: str = "event_id") -> list[Any]:
    with lake.connect() as connection:
        rows = lake.read(connection, "events", [DAY]).order("event_id").project(columns).fetchall()
    return [row[0] if len(row) == 1 else row for row in rows]


def test_what_is_there_already_is_not_added_again(lake: Lake, tmp_path: Path) -> None:
    first = arrived(tmp_path, "first", {"event_id": "a"}, {"event_id": "b"})
    second = arrived(tmp_path, "second", {"event_id": "b"}, {"event_id": "c"}, {"event_id": "c"})
    assert land_day(lake, DAY, [first], ()) == Landed(rows=2, added=2, duplicates=0)
    assert land_day(lake, DAY, [second], ()) == Landed(rows=3, added=1, duplicates=2)
    assert held(lake) == ["a", "b", "c"]


def test_a_source_that_is_replaced_leaves_the_others_rows(lake: Lake, tmp_path: Path) -> None:
    before = [{"event_id": "p1", "source": "posthog"}, {"event_id": "e1", "source": "batch_export"}, {"event_id": "c1"}]
    land_day(lake, DAY, [arrived(tmp_path, "before", *before)], ())
    new = arrived(tmp_path, "new", {"event_id": "p2", "source": "posthog"})
    assert land_day(lake, DAY, [new], {"posthog", "batch_export"}) == Landed(rows=2, added=1, duplicates=0)
    assert held(lake) == ["c1", "p2"]


def test_of_two_rows_with_one_id_the_same_stays_in_either_order(tmp_path: Path) -> None:
    early = arrived(tmp_path, "early", {"event_id": "a", "event": "old", "ingested_at": NOON})
    late = arrived(tmp_path, "late", {"event_id": "a", "event": "new", "ingested_at": NOON + timedelta(hours=1)})
    found = []
    for name, order in (("one", [early, late]), ("other", [late, early])):
        lake = Lake(tmp_path / name, catalogue(Product()))
        for path in order:
            land_day(lake, DAY, [path], ())
        found.append(held(lake, "event_id, event"))
    assert found == [[("a", "new")], [("a", "new")]]


def test_nothing_arriving_makes_an_empty_day(lake: Lake) -> None:
    assert land_day(lake, DAY, [], ()) == Landed(0, 0, 0)
    assert lake.days("events") == [DAY]


def test_people_who_were_forgotten_meanwhile_do_not_land(lake: Lake, tmp_path: Path) -> None:
    lake.home.mkdir(parents=True)
    (lake.home / "forgotten").write_text("gone\n")
    land_day(lake, DAY, [arrived(tmp_path, "x", {"event_id": "a", "user_id": "gone"}, {"event_id": "b"})], ())
    assert held(lake) == ["b"]


def test_rows_of_another_day_are_refused_and_the_day_stays(lake: Lake, tmp_path: Path) -> None:
    land_day(lake, DAY, [arrived(tmp_path, "x", {"event_id": "a"})], ())
    stray = arrived(tmp_path, "stray", {"event_id": "b", "day": DAY + timedelta(days=1)})
    with pytest.raises(LakeError, match="outside"):
        land_day(lake, DAY, [stray], ())
    assert held(lake) == ["a"]
