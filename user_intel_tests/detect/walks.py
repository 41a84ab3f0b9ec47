"""Sessions written down as walks (`"a b c"`), and the relations that the lake would hold of them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

import polars as pl

from user_intel.lake import Connection, Relation

DAY = date(2026, 3, 8)
START = datetime.combine(DAY, datetime.min.time())


@dataclass(frozen=True)
class Walk:
    """One session: who walked where, from when on, a visit every `every_s` seconds, and its segment values."""

    session: str
    steps: str
    user: str = "u"
    start: datetime = START
    every_s: float = 10
    values: dict[str, str | None] = field(default_factory=dict)


@dataclass(frozen=True)
class Visit:
    """One visit of a walk."""

    session: str
    user: str
    position: int
    step: str
    at: datetime
    values: dict[str, str | None]


def visits_of(walks: Sequence[Walk]) -> list[Visit]:
    """The visits of all walks, consecutive identical steps merged."""
    return merged(
        (walk.session, walk.user, step, walk.start + timedelta(seconds=walk.every_s * n), walk.values)
        for walk in walks
        for n, step in enumerate(walk.steps.split())
    )


def merged(rows: Iterable[tuple[str, str, str, datetime, dict[str, str | None]]]) -> list[Visit]:
    """Visits from (session, user, step, at, values), each session's in order; consecutive identical steps merged."""
    sessions: dict[str, list[Visit]] = {}
    for session, user, step, at, values in rows:
        visits = sessions.setdefault(session, [])
        if not visits or visits[-1].step != step:
            visits.append(Visit(session, user, len(visits) + 1, step, at, visits[0].values if visits else values))
    return [visit for visits in sessions.values() for visit in visits]


def relations(
    connection: Connection, visits: Sequence[Visit], properties: Sequence[str] = (), day: date | None = None
) -> tuple[Relation, Relation]:
    """`sessions` and `steps` (the columns that detectors read) of visits; of the day they begin on, or of `day`."""
    days = {visit.session: day or visit.at.date() for visit in visits if visit.position == 1}
    steps = pl.DataFrame(
        [(days[v.session], v.session, v.user, v.position, v.step, v.at) for v in visits],
        schema={
            "day": pl.Date,
            "session_id": pl.String,
            "user_id": pl.String,
            "position": pl.Int32,
            "step": pl.String,
            "entered_at": pl.Datetime("us"),
        },
        orient="row",
    )
    sessions = pl.DataFrame(
        [(days[v.session], v.session, v.user, *map(v.values.get, properties)) for v in visits if v.position == 1],
        schema={"day": pl.Date, "session_id": pl.String, "user_id": pl.String, **dict.fromkeys(properties, pl.String)},
        orient="row",
    )
    connection.register("told_sessions", sessions)
    connection.register("told_steps", steps)
    return connection.table("told_sessions"), connection.table("told_steps")
