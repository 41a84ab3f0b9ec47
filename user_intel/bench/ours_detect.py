"""One measurement of detect in a process of its own: `python -m user_intel.bench.ours_detect TASK HOME`.

TASK is a table (its day or window is opened for it alone), `count_day` (the day's two), `window` (the others),
`nightly` (all of them), `nightly_wider` (the same with one more segment property) or `backfill` (seven nights). Prints
one line of JSON as `ours.py` does: seconds (imports excluded), peak_mb, rows written.
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable
from datetime import date
from pathlib import Path

import polars as pl
import scipy.special  # noqa: F401 - what detect imports only where it is used; the peers' imports are not counted either

from user_intel.bench.made_product import FIRST_DAY, LAST_DAY, PRODUCT, WIDER
from user_intel.bench.measuring import peak_mb
from user_intel.days import day_range
from user_intel.detect.run import DETECTORS, count_day, detect_day, detect_window, write_signals, write_tallies
from user_intel.lake import Lake
from user_intel.product import Product
from user_intel.tables import catalogue

COUNTED = ("frustration_signals", "tallies")


def measure(task: str, home: Path) -> int:
    """Does one task and returns the number of rows it wrote on the last day."""
    product = WIDER if task == "nightly_wider" else PRODUCT
    lake = Lake(home, catalogue(product))
    if task in DETECTORS:
        detect_window(lake, product, LAST_DAY, [task])
        return _rows(lake, [task])
    tables, work = _WORK[task]
    for day in day_range(FIRST_DAY, LAST_DAY) if task == "backfill" else [LAST_DAY]:
        work(lake, product, day)
    return _rows(lake, tables)


_WORK: dict[str, tuple[tuple[str, ...], Callable[[Lake, Product, date], object]]] = {
    "frustration_signals": (COUNTED[:1], write_signals),
    "tallies": (COUNTED[1:], write_tallies),
    "count_day": (COUNTED, count_day),
    "window": (tuple(DETECTORS), detect_window),
    "nightly": ((*COUNTED, *DETECTORS), detect_day),
    "nightly_wider": ((*COUNTED, *DETECTORS), detect_day),
    "backfill": ((*COUNTED, *DETECTORS), detect_day),
}


def _rows(lake: Lake, tables: tuple[str, ...] | list[str]) -> int:
    return sum(lake.frame(table, [LAST_DAY]).select(pl.len()).collect().item() for table in tables)


if __name__ == "__main__":
    begun = time.perf_counter()
    row_count = measure(sys.argv[1], Path(sys.argv[2]))
    seconds = time.perf_counter() - begun
    peak = peak_mb()
    print(json.dumps({"seconds": seconds, "peak_mb": peak, "rows": row_count}))
