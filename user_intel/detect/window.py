"""The days a detector looks at, as tables of one DuckDB connection: sessions, the segments they are in, their steps.

Belongs here: which days, which people (machines are left out), which sessions. What they mean is the detectors'.
Sessions, users and steps are numbers here (64-bit digests): joining and counting numbers is what makes this fast.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from user_intel import files
from user_intel.days import day_range
from user_intel.detect.segments import Segments, session_segments
from user_intel.lake import Connection, Lake
from user_intel.product import Product

# More machines than this among a day's people are no machines: the source's clock tells no times.
MOST_ROBOTS = 0.1


@dataclass(frozen=True)
class Window:
    """Days opened in a connection, with the tables session_people, session_segments, session_steps and step_names.

    session_masks holds the segments of a session as bits, segment_bits the bit of each.
    The views window_sessions and window_steps hold the lake's rows of those days, in stored order.
    """

    connection: Connection
    product: Product
    days: Sequence[date]
    segments: Segments

    def run(self, name: str, parameters: dict[str, object] | None = None) -> Connection:
        """Executes `sql/detect/<name>.sql` here."""
        return run(self.connection, name, parameters)


def run(connection: Connection, name: str, parameters: dict[str, object] | None = None) -> Connection:
    """Executes `sql/detect/<name>.sql`."""
    return connection.execute(files.sql(f"detect/{name}"), parameters)


def window_days(product: Product, day: date) -> list[date]:
    """The trailing window that ends at `day`."""
    return list(day_range(day - timedelta(days=product.thresholds.window_days - 1), day))


def history_days(product: Product, day: date) -> list[date]:
    """The window that ends at `day` and the baseline before it."""
    limits = product.thresholds
    return list(day_range(day - timedelta(days=limits.window_days + limits.baseline_days - 1), day))


def open_window(
    connection: Connection, lake: Lake, product: Product, days: Sequence[date], *, counts_all: bool = False
) -> Window:
    """Opens `days` in `connection`. Everything is a table of it; opening again replaces.

    With `counts_all` every segment value is one, however few people have it (see `segments.session_segments`).
    """
    sessions = lake.read(connection, "sessions", days)
    sessions.create_view("window_sessions", replace=True)
    lake.read(connection, "steps", days).create_view("window_steps", replace=True)
    limits = product.thresholds
    pace: dict[str, object] = {"visits": limits.robot_visits, "pace_s": limits.robot_pace_s, "most_share": MOST_ROBOTS}
    run(connection, "robots", pace)
    run(connection, "session_people")
    segments = session_segments(connection, product, sessions, counts_all=counts_all)
    run(connection, "session_masks")
    run(connection, "segment_bits")
    run(connection, "step_names")
    run(connection, "session_steps")
    return Window(connection, product, days, segments)
