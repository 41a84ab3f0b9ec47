"""PostHog batch exports: files from a folder, and a day through a file download."""

import logging
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import polars as pl
import pytest

from user_intel.errors import BudgetError, InputError
from user_intel.extract.batch_export import import_exports
from user_intel.extract.posthog import differing_days, extract_day
from user_intel.lake import Lake
from user_intel.simulate.stand_in import StandIn
from user_intel_tests.extract.posthog_lake import (
    DAY,
    NOON,
    PRODUCT,
    SIMULATED,
    client,
    ids_of,
    lake_in,
    normaliser,
    rows_of,
)

EVENTS = SIMULATED.events([DAY])


def exported(events: pl.DataFrame = EVENTS) -> pl.DataFrame:
    """Events in the columns of a batch export."""
    names = ["uuid", "event", "distinct_id", "person_id", "properties", "person_properties", "elements_chain"]
    return events.select(*names, "timestamp", "created_at", _inserted_at="created_at")


@pytest.fixture
def lake(tmp_path: Path) -> Lake:
    return lake_in(tmp_path / "home")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    made = tmp_path / "export"
    made.mkdir()
    return made


def test_files_in_any_order_with_repeated_events_make_each_day_once(lake: Lake, folder: Path) -> None:
    shuffled = exported().sample(fraction=1, shuffle=True, seed=1)
    half = len(shuffled) // 2
    shuffled[:half].write_parquet(folder / "b.parquet")
    shuffled[half - 100 :].write_parquet(folder / "a.parquet.zst", compression="zstd")

    done = import_exports([folder], lake, PRODUCT, normaliser())

    assert ids_of(lake) == sorted(EVENTS["uuid"])
    assert (done.rows, done.added, done.duplicates, done.rejected) == (len(EVENTS) + 100, len(EVENTS), 100, 0)
    assert done.days == (DAY,)


def test_importing_again_changes_nothing(lake: Lake, folder: Path) -> None:
    exported().write_parquet(folder / "a.parquet")
    import_exports([folder / "a.parquet"], lake, PRODUCT, normaliser())
    before = rows_of(lake)

    done = import_exports([folder / "a.parquet"], lake, PRODUCT, normaliser())

    assert (done.added, done.duplicates) == (0, len(EVENTS))
    assert rows_of(lake) == before


def test_events_belong_to_the_day_they_happened_on_not_to_that_of_their_file(lake: Lake, folder: Path) -> None:
    late = exported()[:2].with_columns(timestamp=pl.Series([NOON, NOON - timedelta(days=3)]))
    late.write_parquet(folder / "2026-11-09.parquet")

    assert import_exports([folder], lake, PRODUCT, normaliser()).days == (DAY - timedelta(days=3), DAY)


def test_rows_equal_those_of_the_query_endpoint(running: StandIn, lake: Lake, folder: Path, tmp_path: Path) -> None:
    asked = lake_in(tmp_path / "asked")
    with client(running) as posthog:
        extract_day(posthog, asked, PRODUCT, normaliser(), DAY)
    exported().write_parquet(folder / "a.parquet")
    import_exports([folder], lake, PRODUCT, normaliser())

    source = lake.table("events").column_names.index("source")
    without_source = [[row[:source] + row[source + 1 :] for row in rows_of(each)] for each in (lake, asked)]
    assert without_source[0] == without_source[1]
    assert {row[source] for row in rows_of(lake)} == {"batch_export"}


def test_times_may_carry_a_zone_and_columns_may_be_missing(lake: Lake, folder: Path) -> None:
    bare = exported().select("uuid", "event", "distinct_id", pl.col("timestamp").dt.replace_time_zone("UTC"))
    bare.write_parquet(folder / "a.parquet")

    assert import_exports([folder], lake, PRODUCT, normaliser()).days == (DAY,)
    place = lake.table("events").column_names.index("at")
    assert sorted(row[place] for row in rows_of(lake)) == sorted(EVENTS["timestamp"])  # type: ignore[type-var]


def test_a_file_of_another_kind_is_named_and_nothing_is_imported(lake: Lake, folder: Path) -> None:
    exported().write_parquet(folder / "a.parquet")
    cases = {
        "persons.parquet": "lacks uuid, event, timestamp",
        "torn.parquet": "not a readable Parquet file",
        "empty.parquet": "not a readable Parquet file",
        "nobody.parquet": "lacks person_id or distinct_id",
    }
    pl.DataFrame({"distinct_id": ["a"], "person_id": ["b"]}).write_parquet(folder / "persons.parquet")
    (folder / "torn.parquet").write_bytes((folder / "a.parquet").read_bytes()[:5000])
    (folder / "empty.parquet").write_bytes(b"")
    exported().drop("person_id", "distinct_id").write_parquet(folder / "nobody.parquet")
    for name, words in cases.items():
        with pytest.raises(InputError, match=f"{name} .*{words}"):
            import_exports([folder / "a.parquet", folder / name], lake, PRODUCT, normaliser())
    assert lake.days("events") == []
    assert not list((lake.home / "tmp").iterdir())


def test_a_folder_without_exports_is_named(lake: Lake, folder: Path) -> None:
    with pytest.raises(InputError, match="no Parquet file in"):
        import_exports([folder], lake, PRODUCT, normaliser())


def test_bad_rows_are_kept_with_their_reason(lake: Lake, folder: Path) -> None:
    whole = exported()
    bad = whole[:4].with_columns(
        event=pl.Series([None, "a", "b", "c"]),
        timestamp=pl.Series([NOON, None, NOON + timedelta(days=9), NOON]),
        created_at=NOON,
        person_id=pl.Series(["p", "p", "p", None]),
        distinct_id=pl.Series(["anna@example.com", "d", "d", None]),
    )
    pl.concat([bad, whole[4:]]).write_parquet(folder / "a.parquet")

    done = import_exports([folder], lake, PRODUCT, normaliser())

    assert (done.rows, done.rejected) == (len(whole) - 4, 4)
    assert done.rejected_path is not None
    [path] = done.rejected_path.iterdir()
    kept = pl.read_parquet(path)
    assert kept.columns == ["file", "row", "reason", "expected", "content"]
    assert kept["row"].to_list() == [1, 2, 3, 4]
    for reason, word in zip(kept["reason"], ["event name", "timestamp", "more than a day", "person_id"], strict=True):
        assert word in reason
    assert "anna" not in "".join(kept["content"])


def test_too_many_bad_rows_stop_the_import(lake: Lake, folder: Path) -> None:
    exported().with_columns(event=pl.when(pl.int_range(pl.len()) < 50).then(None).otherwise("event")).write_parquet(
        folder / "a.parquet"
    )
    with pytest.raises(BudgetError, match=r"50 of .* rows are bad, more than the share of 1\.00% allowed"):
        import_exports([folder], lake, PRODUCT, normaliser())
    assert lake.days("events") == []


@pytest.fixture
def stand_in(running: StandIn) -> Iterator[StandIn]:
    running.clear()
    running.turn(part_rows=400)
    yield running
    running.turn(file_downloads="yes")


def pages_asked(stand_in: StandIn) -> int:
    return sum("events_page" in entry.name for entry in stand_in.requests())


def test_a_day_is_downloaded_in_parts_without_a_single_page_asked_for(stand_in: StandIn, lake: Lake) -> None:
    with replace(client(stand_in), file_downloads=True) as posthog:
        done = extract_day(posthog, lake, PRODUCT, normaliser(), DAY)

        assert differing_days(posthog, lake, PRODUCT, [DAY]) == []
    assert ids_of(lake) == sorted(EVENTS["uuid"])
    assert done.pages == -(-len(EVENTS) // 400)
    assert pages_asked(stand_in) == 0


def test_what_the_download_lacks_is_asked_for(stand_in: StandIn, lake: Lake) -> None:
    # Received before the day began, so in no export of what was received since.
    at = NOON - timedelta(days=20)
    early = {"event": "noted", "distinct_id": "d", "timestamp": at, "created_at": at - timedelta(hours=20)}
    stand_in.add_events([early, *({**early, "timestamp": at + timedelta(hours=n), "created_at": at} for n in range(9))])
    with replace(client(stand_in), file_downloads=True) as posthog:
        done = extract_day(posthog, lake, PRODUCT, normaliser(), DAY - timedelta(days=20))

    assert (done.unique, done.landed) == (10, 10)
    assert pages_asked(stand_in) == 1


@pytest.mark.parametrize("downloads", ["absent", "forbidden"])
def test_without_the_plan_or_the_scope_queries_are_used(
    stand_in: StandIn, lake: Lake, downloads: str, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.WARNING)
    stand_in.turn(file_downloads=downloads)
    with replace(client(stand_in), file_downloads=True) as posthog:
        extract_day(posthog, lake, PRODUCT, normaliser(), DAY)

    assert ids_of(lake) == sorted(EVENTS["uuid"])
    assert "asking by queries instead" in caplog.text


def test_a_part_that_cannot_be_had_falls_back_to_queries(stand_in: StandIn, lake: Lake) -> None:
    stand_in.play("404", match="/download/", after=1)
    with replace(client(stand_in), file_downloads=True) as posthog:
        extract_day(posthog, lake, PRODUCT, normaliser(), DAY)

    assert ids_of(lake) == sorted(EVENTS["uuid"])
    assert pages_asked(stand_in) > 0
