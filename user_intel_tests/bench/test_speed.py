"""The benchmark runs, small and without peers."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from user_intel.bench import made_product, ours_detect, speed_detect
from user_intel.bench.made_events import DAY, make_lake
from user_intel.bench.measuring import Measurement, Row, figures


def test_the_made_up_day_is_the_same_every_time(tmp_path: Path) -> None:
    paths = [make_lake(tmp_path / name, 500).day_path("events", DAY) for name in ("one", "two")]
    assert paths[0].read_bytes() == paths[1].read_bytes()


@pytest.mark.parametrize("task", ["journeys", "cycles"])
def test_a_measurement_is_one_line_of_json(tmp_path: Path, task: str) -> None:
    make_lake(tmp_path, 2000)
    for each in ("journeys", task):
        command = [sys.executable, "-m", "user_intel.bench.ours", each, str(tmp_path)]
        done = subprocess.run(command, capture_output=True, text=True, check=True)
    found = Measurement(**json.loads(done.stdout))
    assert found.rows > 0
    assert found.seconds > 0
    assert found.peak_mb > 10


def test_a_peer_is_shown_by_how_much_slower_it_is() -> None:
    assert figures(Row("cycles", "pandas", Measurement(6.0, 500.0, 12_000), ours_s=0.5)) == (
        "6.00",
        "2,000",
        "500",
        "12.0x",
    )


def test_a_peer_that_could_not_run_says_why() -> None:
    assert figures(Row("cycles", "pandas", "not installed")) == ("not installed", "", "", "")


@pytest.fixture(scope="module")
def week(tmp_path_factory: pytest.TempPathFactory) -> Path:
    home = tmp_path_factory.mktemp("week")
    made_product.make_week(home, 14_000)
    return home


def test_a_week_that_is_there_is_not_made_again(week: Path) -> None:
    stored = {path: path.stat().st_mtime_ns for path in week.rglob("*.parquet")}
    made_product.make_week(week, 14_000)
    assert stored == {path: path.stat().st_mtime_ns for path in week.rglob("*.parquet")}


@pytest.mark.parametrize("task", [*speed_detect.TASKS, "nightly_wider", "nightly"])
def test_every_part_of_detect_is_measured(week: Path, task: str) -> None:
    assert ours_detect.measure(task, week) > 0


def test_detect_measures_itself_in_one_line_of_json(week: Path) -> None:
    command = [sys.executable, "-m", "user_intel.bench.ours_detect", "funnels", str(week)]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    found = Measurement(**json.loads(done.stdout))
    # Five steps for everybody and six segments.
    assert found.rows == 35
