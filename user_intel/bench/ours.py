"""One measurement of user_intel in a process of its own: `python -m user_intel.bench.ours TASK HOME`.

Prints one line of JSON: seconds (imports excluded, reading Parquet included), peak_mb, rows.
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable
from pathlib import Path

from user_intel.bench.made_events import DAY, PRODUCT
from user_intel.journeys import questions
from user_intel.journeys.build import build_journeys
from user_intel.journeys.transitions import transitions
from user_intel.lake import Connection, Lake, Relation
from user_intel.tables import catalogue

FUNNEL = ["/step/0", "/step/1", "/step/2", "/step/5"]
QUESTIONS: dict[str, Callable[[Connection, Relation], Relation]] = {
    "transitions": lambda _, steps: transitions(steps),
    "step_matrix": questions.step_matrix,
    "top_paths": questions.top_paths,
    "funnel": lambda connection, steps: questions.funnel(connection, steps, FUNNEL),
    "cycles": questions.cycles,
    "time_on_step": questions.time_on_step,
    "drop_off": questions.drop_off,
}


def measure(task: str, lake: Lake) -> int:
    """Does one task and returns the number of rows of its result."""
    if task == "journeys":
        return _journeys(lake)
    with lake.connect() as connection:
        return len(QUESTIONS[task](connection, lake.read(connection, "steps", [DAY])).fetchall())


def _journeys(lake: Lake) -> int:
    counts = build_journeys(lake, PRODUCT, DAY)
    with lake.connect() as connection:
        lake.write_day("transitions", DAY, transitions(lake.read(connection, "steps", [DAY])))
    return counts.steps


def _peak_mb() -> float:
    # Not ru_maxrss: that starts with what the parent had when it forked.
    status = Path("/proc/self/status").read_text(encoding="ascii")
    return int(status.split("VmHWM:")[1].split()[0]) / 1024


if __name__ == "__main__":
    begun = time.perf_counter()
    row_count = measure(sys.argv[1], Lake(Path(sys.argv[2]), catalogue(PRODUCT)))
    seconds = time.perf_counter() - begun
    peak_mb = _peak_mb()
    print(json.dumps({"seconds": seconds, "peak_mb": peak_mb, "rows": row_count}))
