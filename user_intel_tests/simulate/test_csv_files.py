"""The simulated product as CSV: one file a day and a description."""

import csv
import json
from datetime import date
from pathlib import Path

import polars as pl
import pytest

from user_intel.product import load_product
from user_intel.simulate.csv_files import write_csv
from user_intel.simulate.product import SimulatedProduct

DAYS = [date(2026, 3, 2), date(2026, 3, 3)]
PRODUCT = SimulatedProduct(seed=2, users=100)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("csv") / "made"
    paths = list(write_csv(PRODUCT, DAYS, out))
    assert [path.name for path in paths] == ["events-2026-03-02.csv", "events-2026-03-03.csv"]
    return out


def rows_of(folder: Path, day: date) -> list[dict[str, str]]:
    with (folder / f"events-{day}.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def test_a_row_has_the_four_columns_and_metadata_is_json(folder: Path) -> None:
    rows = rows_of(folder, DAYS[0])

    assert list(rows[0]) == ["user_id", "timestamp", "action", "metadata"]
    assert all("@example.com" in row["user_id"] for row in rows)
    assert all(row["timestamp"].startswith("2026-03-02T") and row["timestamp"].endswith("Z") for row in rows)
    assert {"plan", "device_type"} <= set(json.loads(rows[0]["metadata"]))


def test_it_tells_the_same_page_views_as_posthog(folder: Path) -> None:
    events = PRODUCT.events([DAYS[1]])
    people = events.filter((pl.col("event") == "$pageview") & (pl.col("person_properties") != "{}"))
    told = [row["action"] for row in rows_of(folder, DAYS[1]) if row["action"].startswith("https://")]

    assert told == [json.loads(text)["$current_url"] for text in people["properties"]]
    assert len(told) > 50


def test_crawlers_and_bookkeeping_are_left_out(folder: Path) -> None:
    actions = {row["action"] for day in DAYS for row in rows_of(folder, day)}

    assert not actions & {"$pageleave", "$identify", "$pageview", ""}


def test_the_description_lies_beside_and_can_be_loaded(folder: Path) -> None:
    assert "checkout" in load_product(folder).flows
