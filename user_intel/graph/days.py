"""Which days the graph holds, how whole they are, and which of them its window covers."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta

from user_intel import files
from user_intel.graph.connection import Graph

# Said of a day's chains when they are older than the window.
OUTSIDE = "outside_window"


@dataclass(frozen=True)
class HeldDay:
    """A day of the graph. `is_whole` is false while it is being loaded, and after a load that was killed."""

    day: date
    is_whole: bool
    chains: str | None


def held_days(graph: Graph) -> list[HeldDay]:
    """The days the graph knows of, in order."""
    rows = graph.read(files.cypher("load/days"))
    return [HeldDay(row["day"].to_native(), row["state"] == "loaded", row["chains"]) for row in rows]


def first_of_window(days: Iterable[date], window_days: int) -> date | None:
    """The first day of the window that ends at the latest of `days`; None of no days."""
    latest = max(days, default=None)
    return latest - timedelta(days=window_days - 1) if latest else None
