"""A day's personas as a face shows them, read from what the stage wrote; nothing is judged here."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

from user_intel.days import day_range
from user_intel.detect.wording import percent
from user_intel.lake import Lake
from user_intel.segment.personas import Persona, from_json

if TYPE_CHECKING:
    import polars as pl

# Columns of cluster_profiles that hold JSON.
_PARSED = ("traits", "name_marks", "paths", "exemplars", "pain_points", "mix")
PERSONA_COLUMNS = ("key", "name", "users", "share", "status", "stability", "goal rate", "pain points")
MOVE_COLUMNS = ("from", "to", "users", "what")


@dataclass(frozen=True)
class Profile:
    """One row of `cluster_profiles`: what faces show of it, JSON parsed; `row` holds all its columns."""

    key: str
    name: str
    colour: str
    users: int
    share: float
    status: str
    standing: str
    row: Mapping[str, Any]


@dataclass(frozen=True)
class Verdict:
    """One row of `clusterings`: whether there are groups, in a word and in a sentence, and how good they are."""

    day: date
    verdict: str
    words: str
    users: int
    noise_share: float | None
    dbcv: float | None
    seed_agreement: float | None
    before_day: date | None
    personas: Sequence[Persona]


def profiles(lake: Lake, day: date) -> list[Profile]:
    """The personas of a day, the largest first; those that are gone last."""
    found = lake.rows("cluster_profiles", day)
    parsed = [{name: json.loads(value) if name in _PARSED else value for name, value in row.items()} for row in found]
    told = [_profile(row) for row in parsed]
    return sorted(told, key=lambda each: (-each.users, int(each.key.rpartition("-")[2])))


def verdict(lake: Lake, day: date) -> Verdict | None:
    """What was said of a day; None where it was not clustered."""
    rows = lake.rows("clusterings", day)
    return _verdict(rows[0]) if rows else None


def sizes(lake: Lake, day: date, days: int) -> list[Verdict]:
    """The clusterings of the `days` days that end at `day`, those there are, in order."""
    wanted = list(day_range(day - timedelta(days=days - 1), day))
    rows = lake.frame("clusterings", wanted).collect().sort("day").to_dicts()
    return [_verdict(row) for row in rows]


def moves(lake: Lake, day: date, most: int) -> list[tuple[str, str, int, str]]:
    """The cells of MOVE_COLUMNS: births, deaths, mergers and splits, then who else went where, the most users first."""
    rows = lake.rows("cluster_changes", day)
    told = [row for row in rows if row["kind"] != "kept"]
    told.sort(key=lambda row: (row["kind"] == "moved", -row["users"], row["from_key"], row["to_key"]))
    return [(row["from_key"], row["to_key"], row["users"], row["kind"]) for row in told[:most]]


def places(lake: Lake, day: date) -> pl.DataFrame:
    """Where each user lies in the drawing: x, y and cluster_key, in no order that tells who it is."""
    import polars as pl

    frame = lake.frame("user_clusters", [day]).select("x", "y", "cluster_key").collect()
    return frame.drop_nulls(["x", "y"]).filter(pl.col("x").is_finite() & pl.col("y").is_finite()).sort("x", "y")


def persona_row(found: Profile) -> tuple[object, ...]:
    """The cells of PERSONA_COLUMNS."""
    row = found.row
    return (
        found.key, found.name, found.users, _share(found.share), found.status,
        found.standing if row["stability"] is None else f"{row['stability']:.2f} ({found.standing})",
        "" if row["goal_rate"] is None else f"{_share(row['goal_rate'])} (rest {_share(row['goal_rest'])})",
        len(found.row["pain_point_ids"]),
    )  # fmt: skip


def as_json(found: Profile) -> dict[str, Any]:
    """All columns, JSON parsed, dates as text."""
    return {name: str(value) if isinstance(value, date) else value for name, value in found.row.items()}


def _share(value: float | None) -> str:
    return "none" if value is None else percent(value)


def _profile(row: Mapping[str, Any]) -> Profile:
    return Profile(
        row["cluster_key"], row["name"], row["colour"], row["users"], row["share"], row["status"], row["standing"], row
    )


def _verdict(row: Mapping[str, Any]) -> Verdict:
    return Verdict(
        row["day"], row["verdict"] or "", row["words"] or "", row["users"] or 0, row["noise_share"], row["dbcv"],
        row["seed_agreement"], row["before_day"], from_json(row["personas"] or "[]"),
    )  # fmt: skip
