"""The pipeline as `user-intel run` starts it: rerun, killed, watched, repaired; always the same tables."""

import multiprocessing
import os
import random
import subprocess
import sys
import time
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from pathlib import Path

import duckdb
import pytest

from user_intel import settings
from user_intel.lake import Lake
from user_intel.product import load_product
from user_intel.simulate import SimulatedProduct, StandIn
from user_intel.simulate.product import product_yaml
from user_intel.tables import catalogue

ROOT = Path(__file__).parents[2]
LAST = date.today() - timedelta(days=1)  # noqa: DTZ011  # the product's zone is UTC
DAYS = [LAST - timedelta(days=back) for back in (2, 1, 0)]
# What is told here is how runs behave: stages that need a server or a compiler of their own would add only their time.
STAGES = ("extract", "journeys", "detect")


@pytest.fixture(scope="module")
def posthog() -> Iterator[StandIn]:
    with StandIn(product=SimulatedProduct(seed=11, users=150), days=DAYS) as serving:
        yield serving


def new_home(folder: Path) -> Path:
    (folder / "product.yaml").write_text(product_yaml(), encoding="utf-8")
    (folder / "salt").write_text("s" * 32, encoding="utf-8")
    (folder / "salt").chmod(0o600)
    return folder


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The home that all tests share but the one that kills: what each leaves there is what `undisturbed` found."""
    return new_home(tmp_path_factory.mktemp("home"))


def environment(home: Path, posthog: StandIn) -> dict[str, str]:
    (home / "dagster").mkdir(exist_ok=True)
    (home / "dagster" / "dagster.yaml").write_text("telemetry: {enabled: false}\n")
    return {
        **os.environ,
        "USER_INTEL_HOME": str(home),
        "DAGSTER_HOME": str(home / "dagster"),
        "USER_INTEL_FIRST_DAY": DAYS[0].isoformat(),
        "POSTHOG_HOST": posthog.url,
        "POSTHOG_PROJECT_ID": posthog.project_id,
        "POSTHOG_API_KEY": posthog.api_key,
    }


def start(home: Path, posthog: StandIn, *select: str, errors: int = subprocess.PIPE) -> "subprocess.Popen[str]":
    command = [sys.executable, "-m", "assets.run", "--from", str(DAYS[0]), "--to", str(DAYS[-1])]
    command += [word for name in select for word in ("--select", name)]
    return subprocess.Popen(
        command, cwd=ROOT, env=environment(home, posthog), text=True, stdout=subprocess.PIPE, stderr=errors
    )


def run(home: Path, posthog: StandIn, *select: str) -> str:
    out, err = (process := start(home, posthog, *select)).communicate(timeout=300)
    assert process.returncode == 0, err[-6000:]
    return out


def lake_of(home: Path) -> Lake:
    return Lake(home, catalogue(load_product(home)))


def contents(home: Path) -> dict[str, tuple[object, ...]]:
    """Rows and an order-independent digest of every table of the stages."""
    lake = lake_of(home)
    with lake.connect() as connection:
        return {
            name: lake.read(connection, name).aggregate("count(*), bit_xor(hash(columns(*)))").fetchall()[0]
            for name, table in lake.tables.items()
            if table.stage in STAGES
        }


@pytest.fixture(scope="module")
def undisturbed(home: Path, posthog: StandIn) -> dict[str, tuple[object, ...]]:
    """The tables of a first run that nothing disturbed."""
    told = run(home, posthog, *STAGES)
    assert '"failed_checks": []' in told
    return contents(home)


def test_every_table_has_every_day_and_a_rerun_of_some_tables_changes_nothing(
    home: Path, posthog: StandIn, undisturbed: dict[str, tuple[object, ...]]
) -> None:
    assert all(lake_of(home).days(table) == DAYS for table in undisturbed)
    run(home, posthog, "transitions", "sessions", "steps")
    assert contents(home) == undisturbed


def test_killed_at_any_moment_and_rerun_the_tables_are_the_same(
    tmp_path: Path, posthog: StandIn, undisturbed: dict[str, tuple[object, ...]]
) -> None:
    home = new_home(tmp_path)
    moments = random.Random(5)
    # One early, one in the middle, one late: so many table-days were written, and then a little.
    for first, last in ((0, 4), (5, 20), (21, 40)):
        process = start(home, posthog, *STAGES, errors=subprocess.DEVNULL)
        assert process.stdout
        for _ in range(moments.randint(first, last)):
            process.stdout.readline()
        time.sleep(moments.uniform(0.0, 2.0))
        process.kill()
        process.communicate()
        with lake_of(home).connect() as connection:
            for table in lake_of(home).tables:
                lake_of(home).read(connection, table).aggregate("count(*)").fetchall()
    run(home, posthog, *STAGES)
    assert contents(home) == undisturbed


def _ask_forever(path: Path, stop: object, answers: "multiprocessing.Queue[object]") -> None:
    asked = 0
    try:
        with duckdb.connect(str(path), read_only=True) as views:
            while not stop.is_set():  # type: ignore[attr-defined]
                views.execute("select count(*) from sessions join steps using (session_id)").fetchall()
                views.execute("select step, count(*) from events group by step").fetchall()
                asked += 2
                # Without a pause the analyst would take half of the machine from the backfill that is waited for.
                stop.wait(0.05)  # type: ignore[attr-defined]
        answers.put(asked)
    except BaseException as error:  # noqa: BLE001  # whatever it is, the parent shall show it
        answers.put(repr(error))


def test_an_analyst_asks_throughout_a_backfill_of_all_and_neither_side_notices(
    home: Path, posthog: StandIn, undisturbed: dict[str, tuple[object, ...]]
) -> None:
    spawn = multiprocessing.get_context("spawn")
    stop, answers = spawn.Event(), spawn.Queue()
    analyst = spawn.Process(target=_ask_forever, args=(home / "user_intel.duckdb", stop, answers))
    analyst.start()
    run(home, posthog, *STAGES)
    stop.set()
    answer = answers.get(timeout=60)
    analyst.join()
    assert isinstance(answer, int), answer
    assert answer > 0
    assert contents(home) == undisturbed


@pytest.mark.usefixtures("undisturbed")
def test_late_events_are_noticed_and_the_days_from_there_on_are_requested(
    home: Path, posthog: StandIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    # The last here: it leaves an event more in the stand-in and in the home.
    for name, value in environment(home, posthog).items():
        monkeypatch.setenv(name, value)
    settings.settings.cache_clear()
    from assets import extract
    from user_intel.extract.sources import open_source

    lake = lake_of(home)
    assert list(extract.late_data_requests(lake, open_source())) == []
    late = {
        "event": "order_completed",
        "distinct_id": "late",
        "timestamp": datetime.combine(DAYS[1], datetime.min.time()),
    }
    posthog.add_events([late])
    (request,) = extract.late_data_requests(lake, open_source())
    assert request.tags == extract.range_tags(DAYS[1], LAST)
    assert '"failed_checks": []' in run(home, posthog, "extract", "journeys")
    assert list(extract.late_data_requests(lake, open_source())) == []
    settings.settings.cache_clear()
