"""Which recordings deserve eyes: sessions that met the day's worst pain points, and some that came there and did not.

A pure function of the days' tables: the same day chooses the same recordings, whenever it is asked. Sessions of the
last day come last, because their recordings may not be whole when the night's run comes.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime

from user_intel import files
from user_intel.detect.met import meet_pain_points
from user_intel.detect.window import window_days
from user_intel.detect.wording import PainPoint
from user_intel.lake import Lake
from user_intel.product import Product


@dataclass(frozen=True)
class Chosen:
    """One recording to watch for one pain point. Times are naive UTC, seconds are of the recording.

    `met`: whether the session met the pain point, between `from_at` and `to_at`; a contrast was at the same place then.
    `recording_id` is the source's id of the session, which `session_id` may be a part of.
    """

    found: PainPoint
    session_id: str
    user_id: str
    recording_id: str
    day: date
    met: bool
    recording_started_at: datetime
    active_s: float
    duration_s: float
    from_at: datetime
    to_at: datetime


def choose(lake: Lake, product: Product, day: date, unavailable: Iterable[str] = ()) -> list[Chosen]:
    """The recordings of the window of `day` to watch, worst pain point first, sessions that met it before contrasts.

    `unavailable`: recordings known to be gone. At most one session of a user for each pain point.
    """
    choices = product.watch
    days = window_days(product, day)
    with lake.connect() as connection:
        told = meet_pain_points(connection, lake, product, day, days)
        if not told:
            return []
        lake.read(connection, "recordings", days).create_view("watched_recordings")
        connection.execute(files.sql("watch/unavailable"), {"ids": sorted(unavailable)})
        parameters: dict[str, object] = {
            "day": day,
            "problems": choices.problems,
            "shows": choices.sessions_each,
            "contrasts": choices.contrasts_each,
            "least_s": choices.least_active_s,
            "most_s": choices.most_active_s,
        }
        connection.execute(files.sql("watch/chosen_sessions"), parameters)
        moments = connection.execute(files.sql("watch/moments"))
        names = [column[0] for column in moments.description or []]
        rows = [dict(zip(names, row, strict=True)) for row in moments.fetchall()]
    return [Chosen(found=told[row.pop("problem_no")], **row) for row in rows][: choices.recordings_a_day]
