"""A day of the simulated product in the shape PostHog keeps it: events, and metadata of session recordings."""

import json
import uuid
from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

import numpy as np
import polars as pl

from user_intel.days import day_bounds
from user_intel.simulate.bystanders import crawler_events, server_events
from user_intel.simulate.dice import uuids
from user_intel.simulate.happenings import HOST, happenings
from user_intel.simulate.walk import Plan, Walk, walk

if TYPE_CHECKING:
    from user_intel.simulate.product import SimulatedProduct

_INSTANT = pl.Datetime("us")
EVENT_COLUMNS: dict[str, pl.DataType | type[pl.DataType]] = {
    "uuid": pl.String,
    "event": pl.String,
    "distinct_id": pl.String,
    "person_id": pl.String,
    "timestamp": _INSTANT,
    "created_at": _INSTANT,
    "properties": pl.String,
    "elements_chain": pl.String,
    "$session_id": pl.String,
    "$window_id": pl.String,
    "person_created_at": _INSTANT,
    "person_properties": pl.String,
}


def no_events() -> pl.DataFrame:
    """The columns of an event, without one."""
    return pl.DataFrame(schema=EVENT_COLUMNS)


def as_events(rows: "Sequence[Mapping[str, Any]] | pl.DataFrame") -> pl.DataFrame:
    """The rows in `EVENT_COLUMNS`. Whose mapping names no uuid gets one; whose names no time gets an error."""
    if isinstance(rows, pl.DataFrame):
        return rows.select(list(EVENT_COLUMNS))
    return pl.DataFrame([_as_event(row) for row in rows], schema=EVENT_COLUMNS)


def _as_event(row: Mapping[str, Any]) -> dict[str, Any]:
    person = str(uuid.uuid5(uuid.NAMESPACE_OID, row["distinct_id"]))
    plain = {
        "uuid": str(uuid.uuid4()),
        "person_id": person,
        "created_at": row["timestamp"],
        "properties": "{}",
        "elements_chain": "",
        "$session_id": "",
        "$window_id": "",
        "person_created_at": datetime(2024, 1, 1),  # noqa: DTZ001
        "person_properties": "{}",
    }
    given = {key: json.dumps(value) if isinstance(value, Mapping) else value for key, value in row.items()}
    return plain | {key: _naive(value) for key, value in given.items()}


def _naive(value: object) -> object:
    return value.astimezone(UTC).replace(tzinfo=None) if isinstance(value, datetime) and value.tzinfo else value


def plan_of(product: "SimulatedProduct", day: date) -> Plan:
    """What `day` of the product is drawn from."""
    start, end = (_microseconds(instant) for instant in day_bounds(day, ZoneInfo(product.timezone)))
    return Plan(product.seed, day, start, end, product.users, product.steps, product.habits)


def events_of(product: "SimulatedProduct", day: date) -> pl.DataFrame:
    """Every event that what began on `day` causes, the last of them possibly after midnight."""
    plan = plan_of(product, day)
    walked = walk(plan)
    sent = pl.concat(
        [_browser_events(walked, happenings(plan, walked)), server_events(plan, walked), crawler_events(plan)]
    )
    ordered = sent.sort("at", maintain_order=True)
    identifiers = uuids(plan.dice("events"), len(ordered), (ordered["at"] // 1000).to_numpy())
    return ordered.select(
        uuid=identifiers,
        event="event",
        distinct_id="distinct_id",
        person_id="person_id",
        timestamp=pl.col("at").cast(_INSTANT),
        created_at=pl.col("created").cast(_INSTANT),
        properties="properties",
        elements_chain="elements_chain",
        **{"$session_id": pl.col("session_id"), "$window_id": pl.col("window_id")},
        person_created_at="joined_at",
        person_properties="person_properties",
    )


def _browser_events(walked: Walk, events: pl.DataFrame) -> pl.DataFrame:
    """Before they are identified, newcomers are known by their device only."""
    session = walked.sessions.select("signs_up", "started", "delay", "session_id", "window_id")[events["session"]]
    known_by = ("anonymous_id", "distinct_id", "person_id", "joined_at", "person_properties")
    people = walked.people_of(events["session"], *known_by)
    unknown = session["signs_up"] & (events["at"] < session["started"] + 300_000)
    return events.select(
        distinct_id=pl.select(
            pl.when(unknown).then(people["anonymous_id"]).otherwise(people["distinct_id"])
        ).to_series(),
        person_id=people["person_id"],
        at="at",
        created=pl.col("at") + session["delay"],
        event="event",
        properties="properties",
        elements_chain="elements_chain",
        session_id=session["session_id"],
        window_id=session["window_id"],
        joined_at=people["joined_at"],
        person_properties=people["person_properties"],
    )


def recordings_of(product: "SimulatedProduct", day: date) -> pl.DataFrame:
    """One row per recording of a session that began on `day`."""
    plan = plan_of(product, day)
    walked = walk(plan)
    measured = _measures(plan, walked).filter("recorded")
    generator = plan.dice("recordings")
    count = len(measured)
    seconds = (measured["end"] - measured["start"]).to_numpy() / 1e6
    active = np.minimum(seconds, measured["active"].to_numpy() / 1e6)
    clicks = generator.poisson(active / 9)
    keys = generator.poisson(active / 4)
    return measured.select(
        "session_id",
        "distinct_id",
        "person_id",
        start_time=pl.col("start").cast(_INSTANT),
        end_time=pl.col("end").cast(_INSTANT),
        first_url=pl.format("https://{}{}", pl.lit(HOST), "first_path"),
        all_urls=pl.concat_list(pl.format("https://{}{}", pl.lit(HOST), "first_path")),
        click_count=pl.Series(clicks),
        keypress_count=pl.Series(keys),
        mouse_activity_count=pl.Series(generator.poisson(active * 2)),
        active_milliseconds=pl.Series((active * 1000).astype(np.int64)),
        console_log_count=pl.Series(generator.poisson(2, count)),
        console_warn_count=pl.Series(generator.poisson(0.4, count)),
        console_error_count=pl.Series(generator.poisson(0.15, count)),
        size=pl.Series(generator.integers(20_000, 900_000, count)),
        event_count=pl.Series(generator.poisson(active * 6) + 2),
        message_count=pl.Series(np.maximum(1, (active / 2).astype(np.int64))),
    )


def _measures(plan: Plan, walked: Walk) -> pl.DataFrame:
    names = pl.Series([step.name if step.is_page else "/" for step in plan.steps])
    spent = walked.visits.group_by("session", maintain_order=True).agg(
        start=pl.col("at").first(),
        end=(pl.col("at") + pl.col("dwell")).last(),
        # Longer than half a minute on one page, people look elsewhere.
        active=pl.col("dwell").clip(upper_bound=30_000_000).sum(),
        step=pl.col("step").first(),
    )
    session = walked.sessions[spent["session"]]
    people = walked.people_of(spent["session"], "distinct_id", "person_id")
    return spent.with_columns(
        session["session_id"],
        session["recorded"],
        people["distinct_id"],
        people["person_id"],
        first_path=names[spent["step"]],
    )


def visits_of(product: "SimulatedProduct", day: date) -> pl.DataFrame:
    """The visits of every session that began on `day`, with who made them."""
    plan = plan_of(product, day)
    walked = walk(plan)
    session = walked.sessions.select("session_id")[walked.visits["session"]]
    people = walked.people_of(walked.visits["session"], "person_id", "device_type", "plan", "country", "browser")
    return walked.visits.select(
        session["session_id"],
        people["person_id"],
        pl.col("position"),
        step=pl.Series([step.name for step in plan.steps])[walked.visits["step"]],
        at=pl.col("at").cast(_INSTANT),
        dwell_s=pl.col("dwell") / 1e6,
        last="last",
        device_type=people["device_type"],
        plan=people["plan"],
        country=people["country"],
        browser=people["browser"],
    )


def _microseconds(instant: datetime) -> int:
    return int(instant.replace(tzinfo=UTC).timestamp()) * 1_000_000
