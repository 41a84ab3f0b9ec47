"""Whether sessions account for every event: counted from the two tables alone, not by the way sessions are made."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

from user_intel import files
from user_intel.days import day_bounds
from user_intel.lake import Lake
from user_intel.product import Product


@dataclass(frozen=True)
class Accounting:
    """Events of a day (bots left out) and where they are."""

    events: int
    in_sessions: int
    still_running: int
    missing: int
    doubled: int

    @property
    def sound(self) -> bool:
        """Whether each event is in exactly one session that closed that day or may close later."""
        return not self.missing and not self.doubled


def account_for_every_event(lake: Lake, product: Product, day: date) -> Accounting:
    """Compares `events` and `sessions` of `day`, user by user.

    A user without an event in the last 30 minutes of the day has no session left running, so their numbers must be
    equal; nobody's sessions may hold more events of the day than there were.
    """
    running_from = day_bounds(day, product.zone)[1] - timedelta(minutes=product.thresholds.session_gap_minutes)
    with lake.connect() as connection:
        lake.read(connection, "events", [day]).create_view("events")
        lake.read(connection, "sessions", [day]).create_view("sessions")
        row = connection.execute(files.sql("journeys/accounting"), {"last_running": running_from}).fetchall()[0]
    return Accounting(*row)
