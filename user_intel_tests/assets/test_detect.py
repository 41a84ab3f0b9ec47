"""Detect as `user-intel run` starts it: days in one run, a table alone; and what Dagster shows of them.

That a run killed in this stage and rerun leaves the same tables is told by `test_runs`.
"""

import base64
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import dagster as dg
import pytest

from user_intel.detect.run import write_tallies
from user_intel.lake import Lake
from user_intel.product import load_product
from user_intel.tables import catalogue
from user_intel_tests.detect.troubled_shop import DAY, DAYS, PRODUCT, PRODUCT_YAML, write_shop

ROOT = Path(__file__).parents[2]
# The days before were counted already: a window looks back further than a run.
RUN = DAYS[-3:]
DETECTED = [
    "frustration_signals", "tallies", "drop_offs", "funnels", "loops", "slow_steps", "underused_features", "anomalies",
    "pain_points",
]  # fmt: skip


def run(home: Path, *select: str) -> str:
    command = [sys.executable, "-m", "assets.run", "--from", str(RUN[0]), "--to", str(RUN[-1])]
    command += [word for name in select for word in ("--select", name)]
    environment = {
        **{name: value for name, value in os.environ.items() if not name.startswith("POSTHOG_")},
        "USER_INTEL_HOME": str(home),
        "DAGSTER_HOME": str(home / "dagster"),
        "USER_INTEL_FIRST_DAY": str(DAYS[0]),
    }
    done = subprocess.run(command, cwd=ROOT, env=environment, text=True, capture_output=True, timeout=300)
    assert done.returncode == 0, done.stdout + done.stderr[-6000:]
    return done.stdout


def lake_of(home: Path) -> Lake:
    return Lake(home, catalogue(load_product(home)))


def contents(home: Path) -> dict[str, list[tuple[object, ...]]]:
    """Rows and an order-independent digest of every table of the stage."""
    lake = lake_of(home)
    with lake.connect() as connection:
        return {
            table: lake.read(connection, table).aggregate("count(*), bit_xor(hash(columns(*)))").fetchall()
            for table in DETECTED
        }


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home with the journeys of the troubled shop, on which detect ran for its last days."""
    home = tmp_path_factory.mktemp("shop")
    (home / "product.yaml").write_text(PRODUCT_YAML, encoding="utf-8")
    (home / "dagster").mkdir()
    (home / "dagster" / "dagster.yaml").write_text("telemetry: {enabled: false}\n", encoding="utf-8")
    lake = lake_of(home)
    write_shop(lake)
    for day in DAYS[:-3]:
        write_tallies(lake, PRODUCT, day)
    for day in RUN:
        lake.drop_day("frustration_signals", day)
    assert '"failed_checks": []' in run(home, "detect")
    return home


@pytest.fixture(scope="module")
def instance(home: Path) -> Iterator[dg.DagsterInstance]:
    with dg.DagsterInstance.from_config(str(home / "dagster")) as instance:
        yield instance


def shown(instance: dg.DagsterInstance, table: str) -> dict[str, Any]:
    """What the last materialisation of a table's last day shows."""
    wanted = dg.AssetRecordsFilter(asset_key=dg.AssetKey(table), asset_partitions=[DAY.isoformat()])
    (record,) = instance.fetch_materializations(wanted, limit=1).records
    assert record.asset_materialization
    return {name: entry.value for name, entry in record.asset_materialization.metadata.items()}


def test_one_run_fills_every_table_of_all_its_days(home: Path) -> None:
    lake = lake_of(home)
    assert all(lake.days(table)[-3:] == RUN for table in DETECTED)
    assert lake.days("pain_points") == RUN
    kinds = {(row["kind"], row["subject"], row["segment"]) for row in rows(lake, "pain_points")}
    assert ("drop_off", "/cart", "device=mobile") in kinds
    assert ("loop", "/home <-> /list", "device=desktop") in kinds


def rows(lake: Lake, table: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = lake.frame(table, [DAY]).collect().to_dicts()
    return found


def test_pain_points_show_how_many_of_each_kind_the_top_five_and_a_picture(
    home: Path, instance: dg.DagsterInstance
) -> None:
    told = shown(instance, "pain_points")
    assert told["pain_points"] == told["dagster/row_count"] == len(rows(lake_of(home), "pain_points"))
    assert (told["kind/drop_off"], told["kind/loop"], told["kind/rage_click"]) == (1, 1, 0)
    heads, _, first, *others = told["top_five"].splitlines()
    assert heads == "| kind | what | segment | value | expected | sessions | users | priority | severity |"
    assert first.startswith("| drop_off | /cart | device=mobile | 50 % | 10 % | 80 | ")
    assert len(others) == told["pain_points"] - 1
    assert told["flows"] == "purchase: /home > /list > /cart > /pay > paid"
    assert told["flows_are"] == "configured"
    assert told["segments"] == "all, device=desktop, device=mobile"
    assert "| plan | every session has the same value |" in told["segments_left_out"]
    # The facts of a pain point are long: a preview shows how they begin.
    assert len(told["preview"]) < 3_000


def test_the_picture_is_a_small_png(instance: dg.DagsterInstance) -> None:
    words, _, encoded = shown(instance, "pain_points")["picture"].partition("data:image/png;base64,")
    assert words == "![the most severe pain point]("
    png = base64.b64decode(encoded.removesuffix(")"))
    assert png.startswith(b"\x89PNG")
    assert len(png) < 60_000


def test_a_detector_shows_why_it_says_nothing(home: Path, instance: dg.DagsterInstance) -> None:
    silent = [row["reason"] for row in rows(lake_of(home), "drop_offs") if row["reason"]]
    assert f"| goal | {silent.count('goal')} |" in shown(instance, "drop_offs")["not_said"]


def test_nothing_that_dagster_keeps_names_a_user_or_a_session(home: Path, instance: dg.DagsterInstance) -> None:
    people = {row[name] for row in rows(lake_of(home), "sessions") for name in ("user_id", "session_id")}
    told = str([shown(instance, table) for table in DETECTED])
    assert not {name for name in people if name in told}


def test_one_table_alone_is_made_from_what_is_there(home: Path) -> None:
    before = contents(home)
    lake = lake_of(home)
    stamps = {table: lake.day_path(table, DAY).stat().st_mtime_ns for table in DETECTED}
    for day in RUN:
        lake.drop_day("pain_points", day)
    run(home, "pain_points")
    assert contents(home) == before
    changed = {table for table in DETECTED if lake.day_path(table, DAY).stat().st_mtime_ns != stamps[table]}
    assert changed == {"pain_points"}
