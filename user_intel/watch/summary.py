"""What the watched recordings of a day come to, for people: lists and counts without a session in them."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any, Final

from user_intel import files
from user_intel.days import yesterday
from user_intel.detect.wording import duration
from user_intel.lake import Lake
from user_intel.product import Product

CLIP_COLUMNS: Final = ("place", "pain point", "shows", "clips", "status", "why not", "video")
FINDING_COLUMNS: Final = ("kind", "step", "at", "what was seen", "confidence", "by")
_MOST: Final = 20


def clips(lake: Lake, day: date) -> list[tuple[Any, ...]]:
    """A row for each recording of a day and pain point it was chosen for."""
    with lake.connect() as connection:
        lake.read(connection, "replay_clips", [day]).create_view("day_clips")
        lake.read(connection, "pain_points", [day]).create_view("day_pain_points")
        rows = connection.execute(files.sql("watch/shown_clips")).fetchall()
    return [(*row[:5], row[5] or "", duration(row[6]) if row[6] else "") for row in rows]


def findings(lake: Lake, day: date, most: int = _MOST) -> list[tuple[Any, ...]]:
    """The findings shown of a day, the most confident first."""
    told = [row for row in lake.rows("video_findings", day) if row["grounded"]]
    told.sort(key=lambda row: (-row["confidence"], row["finding_id"]))
    return [
        (
            row["kind"],
            row["step"] or "",
            duration(row["from_s"]),
            row["description"],
            f"{row['confidence']:.0%}",
            row["model"],
        )
        for row in told[:most]
    ]


def refusals(lake: Lake, day: date) -> list[tuple[str, int]]:
    """Why findings of a day were refused, and how many for each reason."""
    counted: dict[str, int] = {}
    for row in lake.rows("video_findings", day):
        if not row["grounded"]:
            counted[row["refused_because"]] = counted.get(row["refused_because"], 0) + 1
    return sorted(counted.items())


def missing_files(lake: Lake, product: Product, day: date) -> int:
    """How many clips that rows of a day name are no files; 0 once their retention has ended."""
    if day < yesterday(product.zone) - timedelta(days=product.watch.keep_days):
        return 0
    named = lake.frame("replay_clips", [day]).collect()["file"].drop_nulls().to_list()
    return sum(not (lake.home / "replays" / name).exists() for name in named)


def stray_findings(lake: Lake, day: date) -> int:
    """How many findings that are shown lie outside their recording, or outside the clip they name."""
    with lake.connect() as connection:
        lake.read(connection, "replay_clips", [day]).create_view("day_clips")
        lake.read(connection, "video_findings", [day]).create_view("day_findings")
        return int(connection.execute(files.sql("watch/stray_findings")).fetchall()[0][0])
