"""The lake's insights become known to the state, and SQL sees its last word: at once, whole, at a fresh home too."""

import threading
import time
from collections.abc import Iterator, Mapping
from datetime import date, datetime, timedelta
from pathlib import Path

import polars as pl
import pytest

from user_intel.errors import LakeError
from user_intel.lake import Lake
from user_intel.settings import Settings
from user_intel.state import open_state
from user_intel.state.publishing import publish, register
from user_intel.state.records import Plan, RoadmapItem
from user_intel.state.store import State
from user_intel.tables import SNAPSHOTS
from user_intel.tables.explain import INSIGHTS
from user_intel_tests.state.conftest import DAY


@pytest.fixture
def lake(tmp_path: Path) -> Lake:
    return Lake(tmp_path / "home", {INSIGHTS.name: INSIGHTS}, threads=1)


@pytest.fixture
def state(sqlite_settings: Settings) -> Iterator[State]:
    """An empty state in the lake's home."""
    with open_state(sqlite_settings) as opened:
        yield opened


def explain(lake: Lake, day: date, titles: Mapping[str, str]) -> None:
    """Writes the insights of a day, of pain points by these names."""
    table = lake.table("insights")
    rows = [
        {"day": day, "insight_id": f"insight-{name}", "pain_point_id": name, "kind": "drop_off", "subject": "/shipping",
         "segment": "all", "title": title}
        for name, title in titles.items()
    ]  # fmt: skip
    with lake.connect() as connection:
        nothing = pl.from_arrow(lake.read(connection, "insights", []).to_arrow_table())
        assert isinstance(nothing, pl.DataFrame)
        frame = pl.DataFrame(rows, schema_overrides=nothing.schema)
        full = pl.concat([nothing, frame], how="diagonal").select(table.column_names)
        lake.write_day("insights", day, connection.from_arrow(full))


def asked(lake: Lake, query: str) -> list[tuple[object, ...]]:
    with lake.query() as views:
        return views.execute(query).fetchall()


def test_at_a_fresh_home_both_views_are_there_and_empty(lake: Lake) -> None:
    assert asked(lake, "select count(*) from insight_status") == [(0,)]
    assert asked(lake, "select count(*) from roadmap") == [(0,)]
    described = dict(asked(lake, "select column_name, comment from duckdb_columns() where table_name = 'roadmap'"))
    assert described["sample_size"] == "Users needed in each arm; null where that is not known."


def test_every_insight_of_the_lake_becomes_known_and_is_shown_with_what_was_decided(lake: Lake, state: State) -> None:
    explain(lake, DAY - timedelta(days=1), {"a": "Shipping hurts", "b": "The cart is slow"})
    explain(lake, DAY, {"a": "Shipping hurts more"})
    register(lake, state)
    state.decide("insight-a", "approved", by="maria", reason="big")
    state.give_feedback("insight-b", "wrong", by="maria")
    state.give_feedback("insight-b", "wrong", by="tom")
    state.claim_ticket("a", "insight-a", by="policy", day=DAY)
    publish(lake, state)
    found = asked(
        lake,
        """select insight_id, status, title, first_day, last_day, decided_by, useful, dismissed, wrong, ticket
           from insight_status""",
    )
    before = DAY - timedelta(days=1)
    assert found == [
        ("insight-a", "approved", "Shipping hurts more", before, DAY, "maria", 0, 0, 0, None),
        ("insight-b", "dismissed", "The cart is slow", before, before, "maria", 0, 0, 2, None),
    ]
    state.record_ticket("a", key="SHOP-7", url="https://x/SHOP-7", status="To Do")
    publish(lake, state)
    (told,) = asked(lake, "select status, ticket, ticket_url, ticket_status, decided_at from insight_status limit 1")
    assert told[:4] == ("in_jira", "SHOP-7", "https://x/SHOP-7", "To Do")
    assert isinstance(told[4], datetime)


def test_only_the_days_asked_for_are_registered(lake: Lake, state: State) -> None:
    explain(lake, DAY - timedelta(days=1), {"a": "x"})
    explain(lake, DAY, {"b": "y"})
    register(lake, state, [DAY])
    assert list(state.statuses()) == ["insight-b"]
    register(lake, state, [])
    assert list(state.statuses()) == ["insight-b"]


def test_an_ended_dismissal_shows_as_seen_from_the_last_explained_day_on(lake: Lake, state: State) -> None:
    explain(lake, DAY, {"a": "x"})
    register(lake, state)
    state.decide("insight-a", "dismissed", by="maria", reason="known", until=DAY + timedelta(days=2))
    for days, shown in ((1, "dismissed"), (2, "seen")):
        explain(lake, DAY + timedelta(days=days), {})
        publish(lake, state)
        assert asked(lake, "select status from insight_status") == [(shown,)]


def test_the_roadmap_is_shown(lake: Lake, state: State) -> None:
    state.add_roadmap_item(
        Plan("Short form", "Fewer fields, fewer exits", "/shipping to /payment", 4_000, 14), by="tom"
    )
    publish(lake, state)
    assert asked(lake, "select item_id, title, metric, sample_size, duration_days, status, added_by from roadmap") == [
        (1, "Short form", "/shipping to /payment", 4_000, 14, "planned", "tom")
    ]


def test_an_analysts_open_connection_sees_what_is_published_later(lake: Lake, state: State) -> None:
    with lake.query() as views:
        state.add_roadmap_item(Plan("Short form", "h", "m"), by="tom")
        publish(lake, state)
        assert views.execute("select count(*) from roadmap").fetchall() == [(1,)]


def test_a_slow_publisher_does_not_undo_what_a_quick_one_showed(
    lake: Lake, state: State, sqlite_settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    reading = threading.Event()
    with open_state(sqlite_settings) as slow:
        read = slow.roadmap

        def read_slowly() -> list[RoadmapItem]:
            found = read()
            reading.set()
            time.sleep(1)
            return found

        monkeypatch.setattr(slow, "roadmap", read_slowly)
        publisher = threading.Thread(target=publish, args=(lake, slow))
        publisher.start()
        assert reading.wait(60)
        state.add_roadmap_item(Plan("Short form", "h", "m"), by="tom")
        publish(lake, state)
        publisher.join(60)
    assert asked(lake, "select title from roadmap") == [("Short form",)]
    assert [path.name for path in lake.snapshot_path("roadmap").parent.iterdir()] == ["data.parquet"]


def test_a_table_without_days_is_read_whole_and_takes_no_day(lake: Lake, state: State) -> None:
    state.add_roadmap_item(Plan("Short form", "h", "m"), by="tom")
    publish(lake, state)
    assert lake.days("roadmap") == []
    assert lake.frame("roadmap").collect()["title"].to_list() == ["Short form"]
    with lake.connect() as connection:
        rows = lake.read(connection, "roadmap")
        with pytest.raises(LakeError, match=r"missing: .*hypothesis"):
            lake.write_snapshot("roadmap", rows.project("item_id"))
        with pytest.raises(LakeError, match="roadmap has no days"):
            lake.write_day("roadmap", DAY, rows)
        with pytest.raises(LakeError, match="insights has days"):
            lake.write_snapshot("insights", rows)
    assert asked(lake, "select count(*) from roadmap") == [(1,)]


def test_no_personal_column_is_published() -> None:
    assert not [column.name for table in SNAPSHOTS.values() for column in table.columns if column.personal]
