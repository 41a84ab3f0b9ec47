"""How fast it is, each figure beside its peer in the same run: `user-intel bench speed`, `make bench`.

Every measurement is a child process of its own, so that its peak memory is its own. Imports are not counted, reading
and writing Parquet is. The peers (pandas, pm4py, retentioneering, Polars, DuckDB as it is usually written) get the
same files and give the same answers; they live in an environment of their own, `deploy/bench/`, made here on demand.
Belongs here: running and showing. What is measured is `ours.py`, `doors.py`, `peer.py` and,
for detect, `speed_detect.py`.
"""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

from user_intel.bench import speed_detect
from user_intel.bench.made_events import DAY, make_lake
from user_intel.bench.made_product import WEEK_EVENTS
from user_intel.bench.measuring import (
    WITHIN_S,
    Measurement,
    Row,
    folder,
    make_peers,
    measured,
    peer_command,
    seconds_of,
    table,
)
from user_intel.files import ROOT

_SQL = str(ROOT / "sql" / "bench")
_QUESTIONS = ("transitions", "step_matrix", "top_paths", "funnel", "cycles", "time_on_step", "drop_off")
# What each peer has a function for; it is not asked what it cannot answer.
_ANSWERS: dict[str, tuple[str, ...]] = {
    "duckdb": ("journeys", *_QUESTIONS),
    "pandas": ("journeys", *_QUESTIONS),
    "polars": ("transitions", "time_on_step", "drop_off"),
    "retentioneering": ("journeys", "transitions", "step_matrix", "funnel", "time_on_step"),
    "pm4py": ("transitions", "top_paths", "time_on_step", "drop_off"),
}
_WANTED_RATIO = {
    ("journeys", "pandas"): 2.0,
    ("journeys", "retentioneering"): 8.0,
    **{(question, "retentioneering"): 20.0 for question in _QUESTIONS},
    **{(question, "pm4py"): 40.0 for question in _QUESTIONS},
    **{(question, "pandas"): 3.0 for question in _QUESTIONS},
    **{(question, "duckdb"): 2.0 for question in _QUESTIONS},
}


def run(*, large: bool = False, sizes: Sequence[int] = (), peers: bool = True, keep: Path | None = None) -> None:
    """Measures and prints one table per size, then detect, the doors and the start-up times.

    The week that detect is measured on stays in `keep` and is not made again when it is there.
    """
    from rich.console import Console

    console = Console()
    chosen = tuple(sizes) or ((1_000_000, 10_000_000) if large else (1_000_000,))
    refusal = make_peers() if peers else "peers were not asked for"
    console.print(f"Two things are not counted: imports, and making the data. {refusal or ''}", highlight=False)
    costs = []
    for events in chosen:
        rows = list(_journeys_and_questions(events, with_peers=not refusal))
        console.print(table(f"{events:,} events", rows))
        costs += [seconds / events for seconds in map(_own_journeys, rows) if seconds]
    if len(costs) > 1:
        console.print(
            f"Cost of an event, largest against smallest day: {costs[-1] / costs[0]:.2f}x (target at most 1.5x)"
        )
    # Of detect's sizes the small one is a week of a million in all, the large one a week of a million a day.
    week = WEEK_EVENTS if large else min(chosen)
    console.print(table(f"Detect, a week of {week:,} events", list(_detect(week, keep, with_peers=not refusal))))
    console.print(table("Doors", list(_doors(max(chosen)))))
    console.print(table("Start", list(_starts())))


def _own_journeys(row: Row) -> float | None:
    return seconds_of(row.found) if (row.what, row.who) == ("journeys", "user_intel") else None


def _journeys_and_questions(events: int, *, with_peers: bool) -> Iterator[Row]:
    with folder() as home:
        lake = make_lake(home, events)
        for task in ("journeys", *_QUESTIONS):
            ours = measured([sys.executable, "-m", "user_intel.bench.ours", task, str(home)])
            yield Row(task, "user_intel", ours, target=_own_target(task, events))
            for peer in (peer for peer, known in _ANSWERS.items() if with_peers and task in known):
                out = home / "peer"
                out.mkdir(exist_ok=True)
                stored = [str(lake.day_path(name, DAY)) for name in ("events", "steps")]
                found = measured(peer_command("peer.py", peer, task, *stored, str(out), _SQL))
                yield Row(task, peer, found, ours_s=seconds_of(ours), target=_ratio_target(task, peer))


def _detect(events: int, keep: Path | None, *, with_peers: bool) -> Iterator[Row]:
    with folder() as passing:
        home = passing if keep is None else keep / f"week-{events}"
        # In a process of its own, so that what it leaves behind slows nothing down.
        subprocess.run([sys.executable, "-m", "user_intel.bench.made_product", str(home), str(events)], check=True)
        yield from speed_detect.rows(home, events, with_peers=with_peers)


def _doors(events: int) -> Iterator[Row]:
    # Half a million are enough to see a rate, and the stand-in has to make them first.
    for door, size, target in (
        ("csv", events, "150,000 rows/s, < 1,024 MB"),
        ("posthog", min(events, 500_000), "60,000 events/s of own work, < 700 MB"),
    ):
        with folder() as home:
            module = [sys.executable, "-m", "user_intel.bench.doors"]
            measured([*module, f"prepare-{door}", str(size), str(home)])
            found = measured([*module, door, str(size), str(home)])
            yield Row(f"{door} of about {size:,}", "user_intel", found, target=target)


def _starts() -> Iterator[Row]:
    dagster = _best_of_three([sys.executable, "-c", "import dagster"])
    yield Row("import dagster", "dagster", Measurement(dagster, 0, 0))
    definitions = _best_of_three([sys.executable, "-c", "import assets.definitions"])
    target = f"< {dagster + 0.5:.2f} s (dagster and half a second)"
    yield Row("import assets.definitions", "user_intel", Measurement(definitions, 0, 0), target=target)
    program = str(Path(sys.executable).with_name("user-intel"))
    yield Row("--help", "user_intel", Measurement(_best_of_three([program, "--help"]), 0, 0), target="< 0.50 s")
    with folder() as home:
        demo = ["env", f"USER_INTEL_HOME={home}", program, "demo", "--no-serve"]
        yield Row("14 days of the demo", "user_intel", Measurement(_timed(demo), 0, 0), target="< 180 s, from nothing")


def _best_of_three(command: list[str]) -> float:
    return min(_timed(command) for _ in range(3))


def _timed(command: list[str]) -> float:
    begun = time.perf_counter()
    subprocess.run(command, capture_output=True, timeout=WITHIN_S, check=True, cwd=ROOT)
    return time.perf_counter() - begun


def _own_target(task: str, events: int) -> str:
    if task == "journeys":
        return f"{events / 1e6:g} s (1,000,000 events/s), < 2,048 MB"
    return "1.5 s, < 1,536 MB" if events >= 10_000_000 else ""


def _ratio_target(task: str, peer: str) -> str:
    wanted = _WANTED_RATIO.get((task, peer))
    return f"{wanted:g}x" if wanted else ""
