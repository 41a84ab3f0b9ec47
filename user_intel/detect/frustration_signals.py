"""Signs of frustration in a day's sessions, one row per occurrence. Raw: whether one is a problem is decided elsewhere.

What counts (numbers are `thresholds` of product.yaml):

- **rage_click**: at least 4 clicks on the same element of the same page within 1 s and 50 px, one row per burst. Left
  out is what is clicked often in ordinary use: text inputs, steppers, pagination, carousels, calendars, and
  `.ph-no-rageclick`. PostHog's `$rageclick` counts as it is, unless a burst of ours tells of it within seconds.
- **dead_click**, **slow_click**: PostHog's `$dead_click`, by whether something came of it at last, 2.5 s to 7 s later.
  Anchors and clicks with a modifier key are left out; the same element within a second counts once.
- **error_click**: the last click before an exception, a failed request or an error event that came within 1 s.
- **u_turn**: A, B, A with less time on B than 10 s and than a quarter of those needed who reached a goal.
- **form_abandonment**: a form was touched and not submitted in the session. `form_sessions` has all that touched one.
- **rapid_exit**: the session ended within 5 s of coming to its last step, neither a goal nor a final step. A session of
  one step that an ad brought is a bounce and told apart: `ad_bounces`.

An event belongs to the session that the journeys put it in: by the user, the source's session id (or, without one, the
id of the user's event before), and the time. The SQL is in `sql/detect/`; this module says in which order it runs.
"""

from __future__ import annotations

from datetime import date, timedelta
from functools import reduce

from duckdb import ColumnExpression, ConstantExpression

from user_intel import files
from user_intel.days import day_bounds, day_of, day_range
from user_intel.lake import Connection, Lake, Relation
from user_intel.product import Product

SIGNALS = ("rage_click", "dead_click", "error_click", "u_turn", "form_abandonment", "rapid_exit")

# PostHog reports a rage at the third click and then counts anew; reports and bursts so close together are one rage.
_REPORTED_CLICKS = 3
_REPORTED_APART_S = 3.0
# Dead clicks on an element sooner after one another than this are one.
_SAME_CLICK_S = 1.0
# posthog-js stamps a click after the page has answered it when both happen in one go (seen: up to 12 ms).
_STAMPED_LATE_S = 0.05
# From this HTTP status on a request has failed.
_FAILED_STATUS = 400
# How soon those leave a step who reach a goal: learned where there are enough visits to learn from.
_GOAL_QUANTILE = 0.25
_MIN_GOAL_VISITS = 20


def frustration_signals(lake: Lake, product: Product, day: date, connection: Connection) -> Relation:
    """One row per occurrence of a signal in the sessions that close on `day`; columns of FRUSTRATION_SIGNALS.

    Leaves temporary tables `signal_...` on the connection, which the relation and the functions below read.
    """
    _gather(lake, product, day, connection)
    occurrences = reduce(Relation.union, (_told(connection, signal) for signal in SIGNALS))
    occurrences.create_view("signal_occurrences", replace=True)
    _run(connection, "frustration_signals")
    return connection.table("signal_rows")


def form_sessions(lake: Lake, product: Product, day: date, connection: Connection) -> Relation:
    """One row per session and step whose form was touched: those that could abandon it.

    Columns: day, session_id, user_id, step, at (first touch), submitted, fields, corrections, validation_errors,
    last_field. Key: session_id, step.
    """
    if not _is_gathered(connection, day):
        _gather(lake, product, day, connection)
    return connection.table("signal_forms")


def ad_bounces(lake: Lake, product: Product, day: date, connection: Connection) -> Relation:
    """One row per session of one step that an ad brought and that left at once; columns of FRUSTRATION_SIGNALS.

    They are no rapid exits: `signal` is `ad_bounce`.
    """
    if not _is_gathered(connection, day):
        _gather(lake, product, day, connection)
    of_day = ConstantExpression(day).alias("day")
    return _told(connection, "ad_bounce").select(of_day, *map(ColumnExpression, _COLUMNS))


_COLUMNS = ("signal", "session_id", "user_id", "at", "step", "element", "intensity")


def _told(connection: Connection, name: str) -> Relation:
    return connection.query(files.sql(f"detect/{name}"))


def _run(connection: Connection, name: str) -> Connection:
    return connection.execute(files.sql(f"detect/{name}"))


def _is_gathered(connection: Connection, day: date) -> bool:
    rules = _run(connection, "signal_rules_given").fetchall()[0][0]
    return rules is not None and bool(rules["day"] == day)


def _gather(lake: Lake, product: Product, day: date, connection: Connection) -> None:
    """Makes the tables all signals are read from: what may be a sign, each with its session, step and element."""
    connection.execute(files.sql("detect/signal_rules"), {"rules": _rules(product, day)})
    connection.execute(files.sql("journeys/gap_session_id"))
    lake.read(connection, "sessions", [day]).create_view("signal_day_sessions", replace=True)
    lake.read(connection, "steps", [day]).create_view("signal_day_steps", replace=True)
    _run(connection, "signal_sessions")
    _open_events(lake, product, day, connection)
    _open_window(lake, product, day, connection)
    for name in ("roles", "views", "found", "known_ids", "elements", "events", "forms", "exits"):
        _run(connection, f"signal_{name}")


def _open_events(lake: Lake, product: Product, day: date, connection: Connection) -> None:
    """The day's events, and those of the days before from when the first session began that closes today."""
    first_at = connection.table("signal_sessions").aggregate("min(started_at)").fetchall()[0][0]
    first_day = day if first_at is None else min(day, day_of(first_at, product.zone))
    earlier = lake.read(connection, "events", day_range(first_day, day - timedelta(days=1)))
    began = ColumnExpression("at") >= ConstantExpression(first_at)
    lake.read(connection, "events", [day]).create_view("signal_day_events", replace=True)
    earlier.filter(began).create_view("signal_earlier_events", replace=True)


def _open_window(lake: Lake, product: Product, day: date, connection: Connection) -> None:
    """Sessions and steps of the window that ends today: from them it is learned how soon people go on to a goal."""
    window = list(day_range(day - timedelta(days=product.thresholds.window_days - 1), day)) if product.flows else []
    for table in ("sessions", "steps"):
        lake.read(connection, table, window).create_view(f"signal_window_{table}", replace=True)


def _rules(product: Product, day: date) -> dict[str, object]:
    limits = product.thresholds
    later = [(step, after) for flow in product.flows.values() for n, step in enumerate(flow) for after in flow[n + 1 :]]
    return {
        "day": day,
        "starts_at": day_bounds(day, product.zone)[0],
        "gap": timedelta(minutes=limits.session_gap_minutes),
        "rage_clicks": limits.rage_clicks,
        "rage_within_s": limits.rage_within_s,
        "rage_radius_px": limits.rage_radius_px,
        "reported_clicks": _REPORTED_CLICKS,
        "reported_apart_s": _REPORTED_APART_S,
        "slow_click_s": limits.slow_click_s,
        "dead_click_s": limits.dead_click_s,
        "same_click_s": _SAME_CLICK_S,
        "stamped_late_s": _STAMPED_LATE_S,
        "error_within_s": limits.error_within_s,
        "failed_status": _FAILED_STATUS,
        "u_turn_s": limits.u_turn_s,
        "goal_quantile": _GOAL_QUANTILE,
        "min_goal_visits": _MIN_GOAL_VISITS,
        "rapid_exit_s": limits.rapid_exit_s,
        "error_events": product.error_events,
        "u_turns_ignored": product.u_turns_ignored,
        "final_steps": [*product.final_steps, *(flow[-1] for flow in product.flows.values())],
        "flow_steps": [step for step, _ in later],
        "later_steps": [after for _, after in later],
    }
