"""How each user behaved in the window that ends on a day: `user_features`, one row a user, a column a habit.

Belongs here: which days, which people, in which order the SQL of `sql/segment/` runs. What a column means and its unit
stand in `tables.USER_FEATURES`; what is made of them for clustering is `matrix`.

- The window is `clusters.window_days` days, counted anew for every day: sessions and steps of the window are read once.
- Machines are left out, day by day, as detect leaves them out.
- Segments (device, country, ...) are no features: people are grouped by what they do, not by who they are.
- Flows are those detect has that day: configured, else mined from its own (shorter) window. A flow is entered at its
  first step and gone through in order within a session, whatever `funnels:` says.
- Open sets (steps, features, flows, properties) are maps from name to number. Steps are told of one by one when they
  are among the `clusters.max_steps` visited by most people on most days; all others together are `OTHER_STEPS`.

People are taken in ranges of `USERS_AT_ONCE`, so that memory does not grow with their number; a range reads only the
row groups of `steps` and `events` that hold its people, because these tables are stored by user.
"""

from __future__ import annotations

import logging
import shutil
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from duckdb import ColumnExpression, ConstantExpression

from user_intel import files
from user_intel.days import day_bounds, day_range
from user_intel.detect.flows import Flow, flows_of
from user_intel.detect.window import MOST_ROBOTS, window_days
from user_intel.detect.window import run as run_detect
from user_intel.lake import ROW_GROUP_ROWS, Connection, Lake, Relation
from user_intel.product import Product

if TYPE_CHECKING:
    import polars as pl

USERS_AT_ONCE = 100_000
OTHER_STEPS = "(other steps)"
# Larger numbers cannot be added up within what a double holds exactly enough to mean anything.
LARGEST_NUMBER = 1e100
# Of so many users, with at least so many sessions, the sessions are halved (see `reliable`).
USERS_HALVED = 10_000
SESSIONS_HALVED = 4
# Tables that tell of people, and what their rows are called while some people are looked at.
_READ = {"sessions": "sessions", "steps": "steps", "frustration_signals": "signals", "events": "events"}

_LOG = logging.getLogger(__name__)


@dataclass(frozen=True)
class _Question:
    """What is asked: one day of one product, and the days that tell."""

    lake: Lake
    product: Product
    day: date

    @property
    def days(self) -> list[date]:
        return feature_days(self.product, self.day)

    def read(self, connection: Connection, table: str, people: tuple[str, str | None]) -> Relation:
        """The rows of `table` in the window by users from the first up to, and without, the second."""
        first, end = people
        user = ColumnExpression("user_id")
        rows = self.lake.read(connection, table, self.days).filter(user >= ConstantExpression(first))
        return rows if end is None else rows.filter(user < ConstantExpression(end))


def feature_days(product: Product, day: date) -> list[date]:
    """The trailing window of features that ends at `day`."""
    return list(day_range(day - timedelta(days=product.clusters.window_days - 1), day))


def write_features(lake: Lake, product: Product, day: date) -> int:
    """Writes `user_features` of `day` and returns how many users it has.

    Reads sessions, steps and frustration_signals of the window, and its events where properties are configured.
    """
    with lake.connect() as connection, compute_features(connection, lake, product, day) as rows:
        # Ranges follow one another in the table's order: nothing that large need be sorted.
        return lake.write_day_with(
            "user_features",
            day,
            lambda path: rows.write_parquet(str(path), compression="zstd", row_group_size=ROW_GROUP_ROWS),
        )


@contextmanager
def compute_features(connection: Connection, lake: Lake, product: Product, day: date) -> Iterator[Relation]:
    """The rows of `user_features` of `day`, by user_id; they are on disk until the block ends."""
    scratch = lake.scratch_folder("features-")
    try:
        parts = list(_written_ranges(connection, _Question(lake, product, day), scratch))
        yield _stored(connection, lake, parts)
    finally:
        shutil.rmtree(scratch, ignore_errors=True)


def half_features(connection: Connection, lake: Lake, product: Product, day: date) -> tuple[Relation, Relation] | None:
    """The `user_features` of `day` once more, of each half of some users' sessions, with the same users in both.

    These are at most `USERS_HALVED` users, first by pseudonym of all who have at least `SESSIONS_HALVED` sessions: as
    good as drawn by chance, and stored side by side. None where nobody has as many.
    """
    import polars as pl

    whole = lake.frame("user_features", [day]).select("user_id", "sessions", "step_shares").collect()
    halved = whole.filter(pl.col("sessions") >= SESSIONS_HALVED).sort("user_id").head(USERS_HALVED)
    if halved.is_empty():
        return None
    question = _Question(lake, product, day)
    connection.register("halved_people", halved.select("user_id"))
    # The end of a range is not of it; nothing sorts between a pseudonym and itself with a blank.
    people = (str(halved["user_id"][0]), str(halved["user_id"][-1]) + " ")
    for table, name in _READ.items():
        question.read(connection, table, people).create_view(f"people_{name}", replace=True)
    _find_robots(connection, question)
    _keep_steps_of(connection, whole)
    flows = _flows(connection, question)
    _open_flows(connection, flows)
    _run(connection, "halved_sessions")
    for half in (0, 1):
        _make_half(connection, question, half, len(flows))
    one, other = connection.table("half_0"), connection.table("half_1")
    return one.join(other, "user_id", how="semi"), other.join(one, "user_id", how="semi")


def _make_half(connection: Connection, question: _Question, half: int, flows: int) -> None:
    sessions = connection.table("halved_sessions").filter(ColumnExpression("half") == ConstantExpression(half))
    for name in _READ.values():
        rows = connection.view(f"people_{name}").join(sessions, "session_id", how="semi")
        rows.create_view(f"range_{name}", replace=True)
    _describe(connection, question)
    asked: dict[str, object] = {"day": question.day, "flows": flows}
    connection.query(files.sql("segment/user_features"), params=asked).create(f"half_{half}")


def _keep_steps_of(connection: Connection, whole: pl.DataFrame) -> None:
    """The steps that the features of all users tell of one by one, whoever is looked at now."""
    import polars as pl

    entry = pl.List(pl.Struct({"key": pl.String, "value": pl.Float64}))
    steps = whole.select(step=pl.col("step_shares").cast(entry).explode().struct.field("key")).drop_nulls()
    kept = steps.filter(pl.col("step") != OTHER_STEPS).group_by("step").len("users")
    connection.register("step_days", kept)
    _run(connection, "kept_steps", {"most": len(kept)})


def _find_robots(connection: Connection, question: _Question) -> None:
    """Makes window_robots, as `_look_over` does, of some people."""
    for number, day in enumerate(question.days):
        steps = connection.view("people_steps").filter(ColumnExpression("day") == ConstantExpression(day))
        steps.create_view("window_steps", replace=True)
        run_detect(connection, "robots", _pace(question.product))
        _add_robots(connection, first=number == 0)


def _written_ranges(connection: Connection, question: _Question, scratch: Path) -> Iterator[str]:
    lake, product, days = question.lake, question.product, question.days
    _look_over(connection, lake, product, days)
    lake.read(connection, "sessions", days).create_view("window_sessions", replace=True)
    starts = [row[0] for row in _run(connection, "user_ranges", {"users": USERS_AT_ONCE}).fetchall()]
    flows = _flows(connection, question) if starts else []
    _open_flows(connection, flows)
    for number, first in enumerate(starts):
        end = starts[number + 1] if number + 1 < len(starts) else None
        _open_range(connection, question, (first, end))
        path = str(scratch / f"{number:06}.parquet")
        asked: dict[str, object] = {"day": question.day, "flows": len(flows)}
        connection.query(files.sql("segment/user_features"), params=asked).write_parquet(path)
        _LOG.info("features of %s: range %d of %d", question.day, number + 1, len(starts))
        yield path


def _stored(connection: Connection, lake: Lake, parts: Sequence[str]) -> Relation:
    columns = [ColumnExpression(name) for name in lake.table("user_features").column_names]
    if not parts:
        return lake.read(connection, "user_features", [])
    described = lake.table("user_features").columns
    rows = connection.read_parquet(list(parts), hive_partitioning=False).project(*columns)
    return rows.project(*(ColumnExpression(c.name).cast(c.type).alias(c.name) for c in described))


def _look_over(connection: Connection, lake: Lake, product: Product, days: Sequence[date]) -> None:
    """Makes window_robots and kept_steps, a day at a time: whole days are what tells machines from people."""
    for number, day in enumerate(days):
        lake.read(connection, "steps", [day]).create_view("window_steps", replace=True)
        run_detect(connection, "robots", _pace(product))
        counted = connection.query(files.sql("segment/step_days"))
        _add_robots(connection, first=number == 0)
        if number == 0:
            counted.create("step_days")
        else:
            counted.insert_into("step_days")
    _run(connection, "kept_steps", {"most": product.clusters.max_steps})


def _pace(product: Product) -> dict[str, object]:
    limits = product.thresholds
    return {"visits": limits.robot_visits, "pace_s": limits.robot_pace_s, "most_share": MOST_ROBOTS}


def _add_robots(connection: Connection, *, first: bool) -> None:
    if first:
        connection.table("robots").create("window_robots")
    else:
        connection.table("robots").insert_into("window_robots")


def _flows(connection: Connection, question: _Question) -> list[Flow]:
    lake, product = question.lake, question.product
    days = [day for day in window_days(product, question.day) if day in set(question.days)]
    steps = lake.read(connection, "steps", days).set_alias("walked")
    robots = connection.table("window_robots").set_alias("robot")
    same = "walked.day = robot.day and walked.user_id = robot.user_id"
    people = steps.join(robots, same, how="anti")
    return flows_of(connection, product, lake.read(connection, "sessions", days), people)


def _open_flows(connection: Connection, flows: Sequence[Flow]) -> None:
    import polars as pl

    rows = [
        (flow.name, place, step, len(flow.steps)) for flow in flows for place, step in enumerate(flow.steps, start=1)
    ]
    schema = {"flow": pl.String, "place": pl.Int64, "step": pl.String, "length": pl.Int64}
    connection.register("flow_places", pl.DataFrame(rows, schema=schema, orient="row"))


def _open_range(connection: Connection, question: _Question, people: tuple[str, str | None]) -> None:
    """Makes the tables that `user_features.sql` joins, of the people of one range."""
    for table, name in _READ.items():
        question.read(connection, table, people).create_view(f"range_{name}", replace=True)
    _describe(connection, question)


def _describe(connection: Connection, question: _Question) -> None:
    """The same of whoever is in the views range_sessions, range_steps, range_signals and range_events."""
    product = question.product
    connection.view("range_steps").create_view("window_steps", replace=True)
    _run(connection, "feature_sessions", {"zone": product.timezone})
    _run(connection, "feature_visits")
    rounds: dict[str, object] = {"rounds": product.thresholds.loop_rounds}
    _run(connection, "circling_sessions", rounds)
    connection.table("feature_sessions").create_view("session_people", replace=True)
    run_detect(connection, "loop_runs", rounds)
    _run(connection, "feature_flows")
    _run(connection, "feature_friction")
    _run(connection, "feature_numbers", {"properties": product.clusters.numeric_properties, "largest": LARGEST_NUMBER})
    _run(connection, "user_rhythm", {"ends_at": day_bounds(question.day, product.zone)[1]})
    for name in ("user_places", "user_breadth", "user_troubles"):
        _run(connection, name)
    _run(connection, "user_names", {"features": product.features, "other": OTHER_STEPS})


def _run(connection: Connection, name: str, parameters: dict[str, object] | None = None) -> Connection:
    return connection.execute(files.sql(f"segment/{name}"), parameters)
