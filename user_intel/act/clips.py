"""Masked clips of a problem that may be attached to its ticket: those that findings in recordings point at.

A clip's name on a ticket says what is seen in it, and nothing of whose session it is.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import duckdb

from user_intel.detect.wording import PainPoint
from user_intel.lake import Lake

_FINDINGS = "video_findings"


@dataclass(frozen=True)
class Clip:
    """One clip: where it is, what it is called on a ticket, and whose recording it was cut from."""

    path: Path
    name: str
    session_id: str


def clips_of(lake: Lake, found: PainPoint, most: int) -> list[Clip]:
    """At most `most` clips of a pain point on its day, the surest findings first; none where there are no videos."""
    seen: dict[str, Clip] = {}
    for session, kind, clip in _findings(lake, found):
        path = lake.home / clip
        if clip not in seen and path.is_file():
            seen[clip] = Clip(path, f"clip-{len(seen) + 1}-{kind.replace('_', '-')}{path.suffix}", session)
    return list(seen.values())[:most]


def sessions_of(lake: Lake, found: PainPoint, most: int) -> list[str]:
    """The sessions of at most `most` recordings in which the problem was seen."""
    return list(dict.fromkeys(session for session, _, _ in _findings(lake, found)))[:most]


def _findings(lake: Lake, found: PainPoint) -> list[tuple[str, str, str]]:
    """session_id, kind and clip (below the home) of the day's findings about a pain point."""
    if _FINDINGS not in lake.tables or found.day not in lake.days(_FINDINGS):
        return []
    columns = ("session_id", "kind", "clip")
    with lake.connect() as connection:
        rows = lake.read(connection, _FINDINGS, [found.day])
        about = duckdb.ColumnExpression("pain_point_id") == duckdb.ConstantExpression(found.pain_point_id)
        kept = rows.filter(about).filter(duckdb.ColumnExpression("clip").isnotnull())
        ordered = kept.sort(duckdb.ColumnExpression("confidence").desc(), *map(duckdb.ColumnExpression, columns))
        return list(dict.fromkeys(ordered.project(*map(duckdb.ColumnExpression, columns)).fetchall()))
