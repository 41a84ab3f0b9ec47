"""What recordings show of a problem: masked clips for its ticket, what was seen in them, where to watch the whole.

A clip's name on a ticket says what it shows, and nothing of whose session it is.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import duckdb

from user_intel.detect.wording import PainPoint
from user_intel.explain.untrusted import readable
from user_intel.lake import Lake, Relation

# A sentence or two; longer ones are cut.
_LONGEST_SIGHT = 400


@dataclass(frozen=True)
class Clip:
    """One clip: where it is, and what it is called on a ticket."""

    path: Path
    name: str


@dataclass(frozen=True)
class Footage:
    """What the day's recordings hold of one pain point: `seen` in sentences, `urls` of recordings at their source."""

    clips: tuple[Clip, ...] = ()
    seen: tuple[str, ...] = ()
    urls: tuple[str, ...] = ()


def footage_of(lake: Lake, found: PainPoint, *, clips: int, seen: int, urls: int) -> Footage:
    """The footage of a pain point on its day, at most so much of each; empty where nothing was watched."""
    if not any(found.day in lake.days(table) for table in ("replay_clips", "video_findings")):
        return Footage()
    with lake.connect() as connection:
        drawn = lake.read(connection, "replay_clips", [found.day])
        theirs = drawn.filter(_about(found)).filter(duckdb.ColumnExpression("met")).sort("place", "kind")
        rows = theirs.project("file", "kind", "url").fetchall()
        findings = lake.read(connection, "video_findings", [found.day])
        sights = _sights(findings.filter(_about(found)), seen)
    files = dict.fromkeys((file, kind) for file, kind, _ in rows if file)
    there = [(lake.home / "replays" / file, kind) for file, kind in files]
    made = [
        Clip(path, f"recording-{number}-{kind}{path.suffix}")
        for number, (path, kind) in enumerate((each for each in there if each[0].is_file()), 1)
    ]
    return Footage(tuple(made[:clips]), sights, tuple(dict.fromkeys(url for *_, url in rows if url))[:urls])


def _about(found: PainPoint) -> duckdb.Expression:
    return duckdb.ColumnExpression("pain_point_id") == duckdb.ConstantExpression(found.pain_point_id)


def _sights(findings: Relation, most: int) -> tuple[str, ...]:
    """What was seen and borne out by the events, the surest first."""
    sure = findings.filter(duckdb.ColumnExpression("grounded") & duckdb.ColumnExpression("met"))
    ordered = sure.sort(duckdb.ColumnExpression("confidence").desc(), duckdb.ColumnExpression("finding_id"))
    rows = ordered.project("kind", "step", "description").limit(most).fetchall()
    return tuple(
        f"{kind.replace('_', ' ')}{f' at {readable(step)}' if step else ''}: {readable(description, _LONGEST_SIGHT)}"
        for kind, step, description in rows
    )
