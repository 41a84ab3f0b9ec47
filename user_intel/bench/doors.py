"""The doors events come in by, each measured in a process of its own: `python -m user_intel.bench.doors DOOR N HOME`.

Prints one line of JSON: seconds, peak_mb, rows. For PostHog the seconds are this process's own work on all cores: the
stand-in, which answers from a process of its own, is thereby left out, and so is waiting for it.
"""

from __future__ import annotations

import json
import sys
import time
from pathlib import Path

import duckdb

from user_intel import files
from user_intel.bench.made_events import DAY, PRODUCT, make_lake
from user_intel.extract.normalise import Normaliser
from user_intel.lake import Lake
from user_intel.tables import catalogue

# The simulated product has about seven events a user and day.
EVENTS_PER_USER = 7
SALT = b"a salt for measuring only"


def _prepare(door: str, events: int, home: Path) -> None:
    """Makes the CSV file. In a process of its own, so that its memory is not counted."""
    if door == "csv":
        made = make_lake(home / "made", events)
        with duckdb.connect() as connection:
            places = {"events": str(made.day_path("events", DAY)), "path": str(home / "made.csv")}
            connection.execute(files.sql("bench/made_csv"), places)


def _import_csv(events: int, home: Path) -> tuple[int, float]:
    from user_intel.extract.csv import import_csv

    begun = time.perf_counter()
    imported = import_csv([home / "made.csv"], Lake(home, catalogue(PRODUCT)), Normaliser(PRODUCT, SALT))
    return imported.rows, time.perf_counter() - begun


def _extract(events: int, home: Path) -> tuple[int, float]:
    from user_intel.extract.posthog import PostHog, extract_day
    from user_intel.simulate.product import SimulatedProduct
    from user_intel.simulate.stand_in import StandIn

    product = SimulatedProduct(users=max(10, events // EVENTS_PER_USER))
    lake = Lake(home, catalogue(PRODUCT))
    with (
        StandIn(product, days=[DAY]) as stand_in,
        PostHog(stand_in.url, stand_in.project_id, stand_in.api_key) as posthog,
    ):
        begun = time.process_time()
        told = extract_day(posthog, lake, PRODUCT, Normaliser(PRODUCT, SALT), DAY)
        return told.fetched, time.process_time() - begun


def _peak_mb() -> float:
    # Not ru_maxrss: that starts with what the parent had when it forked.
    status = Path("/proc/self/status").read_text(encoding="ascii")
    return int(status.split("VmHWM:")[1].split()[0]) / 1024


if __name__ == "__main__":
    wanted, size, place = sys.argv[1], int(sys.argv[2]), Path(sys.argv[3])
    if wanted.startswith("prepare-"):
        _prepare(wanted.removeprefix("prepare-"), size, place)
        sys.exit()
    row_count, seconds = {"csv": _import_csv, "posthog": _extract}[wanted](size, place)
    peak_mb = _peak_mb()
    print(json.dumps({"seconds": seconds, "peak_mb": peak_mb, "rows": row_count}))
