"""The IO manager: relations and LazyFrames in and out, one day or a range of days in one run."""

from collections.abc import Iterator
from datetime import date
from pathlib import Path

import dagster as dg
import duckdb
import polars as pl
import pytest

from assets.lake_io import LakeIOManager
from user_intel import settings
from user_intel.lake import Lake, Relation, open_lake
from user_intel_tests.test_lake import rows_of

DAILY = dg.DailyPartitionsDefinition(start_date="2026-11-01", end_date="2026-11-10")
DAYS = [date(2026, 11, day) for day in (1, 2, 3)]
RANGE = {"dagster/asset_partition_range_start": "2026-11-01", "dagster/asset_partition_range_end": "2026-11-03"}


@pytest.fixture
def lake(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Lake]:
    monkeypatch.setenv("USER_INTEL_HOME", str(tmp_path / "home"))
    settings.settings.cache_clear()
    yield open_lake()
    settings.settings.cache_clear()


@dg.asset(name="transitions", partitions_def=DAILY, backfill_policy=dg.BackfillPolicy.single_run())
def three_days(context: dg.AssetExecutionContext) -> Relation:
    wanted = [day for day in DAYS if day.isoformat() in context.partition_keys]
    columns = "day, 'a0' as from_step, 'b' as to_step, 1 as sessions, 1 as users, 1 as \"count\", 1.5 as median_gap_s"
    as_many_rows_as_the_day_has_number = "unnest($days) t(day), range(day(t.day))"
    query = f"select {columns} from {as_many_rows_as_the_day_has_number}"
    return duckdb.connect().sql(query, params={"days": wanted})


@dg.asset(partitions_def=DAILY, backfill_policy=dg.BackfillPolicy.single_run(), io_manager_key="plain")
def seen(transitions: Relation) -> list:  # type: ignore[type-arg]  # Dagster reads it
    return transitions.aggregate("day, count(*)").order("day").fetchall()


@dg.asset(partitions_def=DAILY, backfill_policy=dg.BackfillPolicy.single_run(), io_manager_key="plain")
def seen_lazily(transitions: pl.LazyFrame) -> int:
    return transitions.select(pl.len()).collect().item()


RESOURCES = {"io_manager": LakeIOManager(), "plain": dg.mem_io_manager}


def test_a_range_of_days_is_split_by_day_and_handed_on_whole(lake: Lake) -> None:
    result = dg.materialize([three_days, seen, seen_lazily], resources=RESOURCES, tags=RANGE)
    assert lake.days("transitions") == DAYS
    assert result.output_for_node("seen") == [(DAYS[0], 1), (DAYS[1], 2), (DAYS[2], 3)]
    assert result.output_for_node("seen_lazily") == 6
    told = {m.partition: m.metadata for m in result.asset_materializations_for_node("transitions")}
    assert [told[day.isoformat()]["dagster/row_count"].value for day in DAYS] == [1, 2, 3]
    assert "| a0 | b |" in str(told["2026-11-01"]["preview"].value)


def test_one_day_is_one_file(lake: Lake) -> None:
    dg.materialize([three_days, seen], resources=RESOURCES, partition_key="2026-11-02")
    assert lake.days("transitions") == [DAYS[1]]


def test_rows_outside_the_range_raise_and_nothing_is_written(lake: Lake) -> None:
    @dg.asset(name="transitions", partitions_def=DAILY, backfill_policy=dg.BackfillPolicy.single_run())
    def strays() -> Relation:
        return rows_of(duckdb.connect(), date(2026, 12, 1))

    result = dg.materialize([strays], resources=RESOURCES, tags=RANGE, raise_on_error=False)
    assert not result.success
    assert lake.days("transitions") == []


def test_a_preview_shows_nothing_personal(lake: Lake) -> None:
    @dg.asset(name="steps", partitions_def=DAILY)
    def steps() -> pl.DataFrame:
        day = pl.Series([date(2026, 11, 1)])
        return pl.DataFrame(
            {
                "day": day, "session_id": ["SESSION"], "user_id": ["USER"], "position": [1], "step": ["/a|b"],
                "entered_at": day.cast(pl.Datetime), "dwell_s": [None], "repeats": [1], "next_step": [None],
            }
        )  # fmt: skip

    result = dg.materialize([steps], resources=RESOURCES, partition_key="2026-11-01")
    preview = str(result.asset_materializations_for_node("steps")[0].metadata["preview"].value)
    assert "/a\\|b" in preview
    assert "USER" not in preview
    assert "SESSION" not in preview
