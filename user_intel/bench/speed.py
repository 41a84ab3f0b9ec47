"""How fast it is, each figure beside its peer in the same run: `user-intel bench speed`, `make bench`.

Every measurement is a child process of its own, so that its peak memory is its own. Imports are not counted, reading
and writing Parquet is. The peers (pandas, pm4py, retentioneering, Polars, DuckDB as it is usually written) get the
same files and give the same answers; they live in an environment of their own, `deploy/bench/`, made here on demand.
Belongs here: running and showing. What is measured is `ours.py`, `doors.py` and `peer.py`.
"""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from user_intel.bench.made_events import DAY, make_lake
from user_intel.files import ROOT

if TYPE_CHECKING:
    from rich.table import Table

_WITHIN_S = 900
_PEERS = ROOT / "deploy" / "bench"
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


@dataclass(frozen=True)
class Measurement:
    """One child process: wall seconds of its task (processor seconds where said), peak memory, rows of its result."""

    seconds: float
    peak_mb: float
    rows: int


@dataclass(frozen=True)
class Row:
    """One line of the printed table; `ours_s` is what the peer's seconds are compared with."""

    what: str
    who: str
    found: Measurement | str
    ours_s: float | None = None
    target: str = ""


def run(*, large: bool = False, sizes: Sequence[int] = (), peers: bool = True) -> None:
    """Measures and prints one table per size, then the doors and the start-up times."""
    from rich.console import Console

    console = Console()
    chosen = tuple(sizes) or ((1_000_000, 10_000_000) if large else (1_000_000,))
    refusal = _make_peers() if peers else "peers were not asked for"
    console.print(f"Two things are not counted: imports, and making the data. {refusal or ''}", highlight=False)
    costs = []
    for events in chosen:
        rows = list(_journeys_and_questions(events, with_peers=not refusal))
        console.print(_table(f"{events:,} events", rows))
        costs += [seconds / events for seconds in map(_own_journeys, rows) if seconds]
    if len(costs) > 1:
        console.print(
            f"Cost of an event, largest against smallest day: {costs[-1] / costs[0]:.2f}x (target at most 1.5x)"
        )
    console.print(_table("Doors", list(_doors(max(chosen)))))
    console.print(_table("Start", list(_starts())))


def _own_journeys(row: Row) -> float | None:
    return _seconds(row.found) if (row.what, row.who) == ("journeys", "user_intel") else None


def _journeys_and_questions(events: int, *, with_peers: bool) -> Iterator[Row]:
    with _folder() as home:
        lake = make_lake(home, events)
        for task in ("journeys", *_QUESTIONS):
            ours = _measured([sys.executable, "-m", "user_intel.bench.ours", task, str(home)])
            yield Row(task, "user_intel", ours, target=_own_target(task, events))
            for peer in (peer for peer, known in _ANSWERS.items() if with_peers and task in known):
                out = home / "peer"
                out.mkdir(exist_ok=True)
                stored = [str(lake.day_path(table, DAY)) for table in ("events", "steps")]
                found = _measured(_peer_command(peer, task, *stored, str(out)))
                yield Row(task, peer, found, ours_s=_seconds(ours), target=_ratio_target(task, peer))


def _peer_command(peer: str, task: str, *places: str) -> list[str]:
    script = Path(__file__).with_name("peer.py")
    # retentioneering reports home unless told otherwise.
    untracked = ["env", "RETENTIONEERING_NO_TRACK=1"]
    python = str(_PEERS / ".venv" / "bin" / "python")
    return [*untracked, python, str(script), peer, task, *places, str(ROOT / "sql" / "bench")]


def _make_peers() -> str:
    """Makes the peers' environment from its lock; what went wrong, or nothing."""
    uv = shutil.which("uv") or str(ROOT / ".uv" / "bin" / "uv")
    command = [uv, "sync", "--quiet", "--locked", "--project", str(_PEERS)]
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=_WITHIN_S, check=False)
    except (OSError, subprocess.TimeoutExpired) as error:
        return f"The peers are left out: their environment could not be made ({error})."
    return f"The peers are left out: {done.stderr.strip()[-300:]}" if done.returncode else ""


def _doors(events: int) -> Iterator[Row]:
    # Half a million are enough to see a rate, and the stand-in has to make them first.
    for door, size, target in (
        ("csv", events, "150,000 rows/s, < 1,024 MB"),
        ("posthog", min(events, 500_000), "60,000 events/s of own work, < 700 MB"),
    ):
        with _folder() as home:
            module = [sys.executable, "-m", "user_intel.bench.doors"]
            _measured([*module, f"prepare-{door}", str(size), str(home)])
            found = _measured([*module, door, str(size), str(home)])
            yield Row(f"{door} of about {size:,}", "user_intel", found, target=target)


def _starts() -> Iterator[Row]:
    dagster = _best_of_three([sys.executable, "-c", "import dagster"])
    yield Row("import dagster", "dagster", Measurement(dagster, 0, 0))
    definitions = _best_of_three([sys.executable, "-c", "import assets.definitions"])
    target = f"< {dagster + 0.5:.2f} s (dagster and half a second)"
    yield Row("import assets.definitions", "user_intel", Measurement(definitions, 0, 0), target=target)
    program = str(Path(sys.executable).with_name("user-intel"))
    yield Row("--help", "user_intel", Measurement(_best_of_three([program, "--help"]), 0, 0), target="< 0.50 s")
    with _folder() as home:
        demo = ["env", f"USER_INTEL_HOME={home}", program, "demo", "--no-serve"]
        yield Row("14 days of the demo", "user_intel", Measurement(_timed(demo), 0, 0), target="< 180 s, from nothing")


def _best_of_three(command: list[str]) -> float:
    return min(_timed(command) for _ in range(3))


def _timed(command: list[str]) -> float:
    begun = time.perf_counter()
    subprocess.run(command, capture_output=True, timeout=_WITHIN_S, check=True, cwd=ROOT)
    return time.perf_counter() - begun


def _measured(command: list[str]) -> Measurement | str:
    """What a child measured of itself, or in a few words why it could not."""
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=_WITHIN_S, check=False, cwd=ROOT)
    except subprocess.TimeoutExpired:
        return f"not done within {_WITHIN_S} s"
    if done.returncode:
        last = done.stderr.strip().splitlines()[-1:] or [f"ended with {done.returncode}"]
        return last[0][:120]
    lines = done.stdout.strip().splitlines()
    return Measurement(**json.loads(lines[-1])) if lines else "nothing to measure"


def _seconds(found: Measurement | str) -> float | None:
    return found.seconds if isinstance(found, Measurement) else None


def _own_target(task: str, events: int) -> str:
    if task == "journeys":
        return f"{events / 1e6:g} s (1,000,000 events/s), < 2,048 MB"
    return "1.5 s, < 1,536 MB" if events >= 10_000_000 else ""


def _ratio_target(task: str, peer: str) -> str:
    wanted = _WANTED_RATIO.get((task, peer))
    return f"{wanted:g}x" if wanted else ""


@contextmanager
def _folder() -> Iterator[Path]:
    with tempfile.TemporaryDirectory(prefix="user-intel-bench-", ignore_cleanup_errors=True) as made:
        yield Path(made)


def _table(title: str, rows: Sequence[Row]) -> Table:
    from rich.table import Table

    table = Table(title=title, title_justify="left")
    for name in ("what", "who", "seconds", "rows/s", "peak MB", "slower than ours", "target"):
        table.add_column(name, justify="left" if name in ("what", "who", "target") else "right")
    for row in rows:
        table.add_row(row.what, row.who, *_figures(row), row.target)
    return table


def _figures(row: Row) -> tuple[str, str, str, str]:
    if isinstance(row.found, str):
        return row.found, "", "", ""
    found = row.found
    rate = f"{found.rows / found.seconds:,.0f}" if found.rows > 1000 else ""
    peak = f"{found.peak_mb:,.0f}" if found.peak_mb else ""
    slower = f"{found.seconds / row.ours_s:.1f}x" if row.ours_s else ""
    return f"{found.seconds:.2f}", rate, peak, slower
