"""The public contract: every table a user can query, its columns, types, units and key.

Types are DuckDB's. Times (`_at`, `at`) are naive UTC with microseconds, `day` is a date in the product's time zone,
durations (`_s`) are seconds. Asset metadata, DuckDB comments, the README's reference and every write are checked
against this module; nothing else spells a table's columns.
"""

from dataclasses import dataclass
from typing import Literal

from user_intel.errors import ConfigError
from user_intel.product import Product

Stage = Literal["extract", "journeys"]


@dataclass(frozen=True)
class Column:
    """One column. `personal` columns never appear in previews, metadata or logs."""

    name: str
    type: str
    comment: str
    personal: bool = False


@dataclass(frozen=True)
class Table:
    """One table: what a row is, its columns in order, the key no two rows share, and the order rows are stored in."""

    name: str
    stage: Stage
    row: str
    columns: tuple[Column, ...]
    key: tuple[str, ...]
    sorted_by: tuple[str, ...]

    @property
    def column_names(self) -> tuple[str, ...]:
        """The names of the columns, in order."""
        return tuple(column.name for column in self.columns)

    @property
    def comment(self) -> str:
        """One sentence for whoever meets the table in a SQL client."""
        return f"One row per {self.row}. Key: {', '.join(self.key)}."


DAY = Column("day", "DATE", "Calendar day in the product's time zone.")
USER = Column(
    "user_id", "VARCHAR", "Pseudonym of the user: HMAC-SHA-256 of the identity, 32 hex digits.", personal=True
)
SESSION = Column("session_id", "VARCHAR", "The session; the source's own id where it has one.", personal=True)

EVENTS = Table(
    name="events",
    stage="extract",
    row="event",
    key=("event_id",),
    sorted_by=("user_id", "at", "event_id"),
    columns=(
        DAY,
        Column(
            "event_id",
            "VARCHAR",
            "The source's unique id of the event; a digest of the row for CSV.",
            personal=True,
        ),
        USER,
        Column("session_id", "VARCHAR", "The source's session id; null where it has none.", personal=True),
        Column("at", "TIMESTAMP", "When it happened (client clock), UTC."),
        Column("event", "VARCHAR", "Name of the event as sent, e.g. $pageview or order_completed."),
        Column(
            "step",
            "VARCHAR",
            "Normalised page path for page views, the event's name otherwise; null when the event is no step.",
        ),
        Column("page", "VARCHAR", "Normalised path of the page it happened on; null when unknown."),
        Column(
            "element",
            "VARCHAR",
            "What was clicked or changed, as tag.class#id with its text or link, scrubbed.",
        ),
        Column("device_type", "VARCHAR", "desktop, mobile, tablet, ... as the source says, lower case."),
        Column("browser", "VARCHAR", "Name of the browser."),
        Column("os", "VARCHAR", "Name of the operating system."),
        Column("country", "VARCHAR", "ISO 3166-1 alpha-2 code."),
        Column("referrer_domain", "VARCHAR", "Host the visit came from; $direct where there was none."),
        Column("utm_source", "VARCHAR", "Campaign source."),
        Column(
            "properties",
            "VARCHAR",
            "All other properties as a JSON object, scrubbed of personal data.",
            personal=True,
        ),
        Column("source", "VARCHAR", "Door it came in by: posthog, batch_export or csv."),
        Column("ingested_at", "TIMESTAMP", "When the source received it, UTC; null where it does not say."),
        Column("is_bot", "BOOLEAN", "Whether the user agent declares a bot; bots are left out of journeys."),
    ),
)

RECORDINGS = Table(
    name="recordings",
    stage="extract",
    row="session recording",
    key=("session_id",),
    sorted_by=("started_at", "session_id"),
    columns=(
        DAY,
        SESSION,
        USER,
        Column("started_at", "TIMESTAMP", "First recorded instant, UTC."),
        Column("duration_s", "DOUBLE", "From the first to the last recorded instant."),
        Column("active_s", "DOUBLE", "Time with activity."),
        Column("clicks", "BIGINT", "Mouse clicks."),
        Column("keypresses", "BIGINT", "Key presses."),
        Column("console_errors", "BIGINT", "Errors on the browser's console."),
        Column("first_page", "VARCHAR", "Normalised path of the first recorded page."),
    ),
)

_SESSIONS_COLUMNS = (
    DAY,
    SESSION,
    USER,
    Column("started_at", "TIMESTAMP", "First event, UTC."),
    Column("ended_at", "TIMESTAMP", "Last event, UTC; the session closes 30 minutes later."),
    Column("duration_s", "DOUBLE", "From the first to the last event."),
    Column("event_count", "BIGINT", "Events of the session, steps or not."),
    Column(
        "events_before_day",
        "BIGINT",
        "Those of them that happened before `day` (the session crossed midnight).",
    ),
    Column("step_count", "BIGINT", "Visits of steps, consecutive identical ones merged."),
    Column("entry_step", "VARCHAR", "First step; null when the session has none."),
    Column("exit_step", "VARCHAR", "Last step; null when the session has none."),
    Column("goals", "VARCHAR[]", "Names of the configured flows whose goal (last step) was reached, sorted."),
    Column("new_user", "BOOLEAN", "Whether the user has no event in the lake before the day the session began."),
)

STEPS = Table(
    name="steps",
    stage="journeys",
    row="visit of a step in a session",
    key=("session_id", "position"),
    # Whoever builds a day keeps each session's rows together and in order; sessions follow one another as users do.
    sorted_by=("user_id", "session_id", "position"),
    columns=(
        DAY,
        SESSION,
        USER,
        Column("position", "INTEGER", "1 for the first step of the session, 2 for the next, ..."),
        Column("step", "VARCHAR", "Normalised page path, or event name."),
        Column("entered_at", "TIMESTAMP", "When the step was entered, UTC."),
        Column(
            "dwell_s",
            "DOUBLE",
            "Time until the next step, at most 30 minutes, or what the page itself reported; else null on the last.",
        ),
        Column("repeats", "INTEGER", "Consecutive identical events merged into this visit, 1 or more."),
        Column("next_step", "VARCHAR", "The step visited next; null at the end of the session."),
    ),
)

TRANSITIONS = Table(
    name="transitions",
    stage="journeys",
    row="from_step, to_step",
    key=("from_step", "to_step"),
    sorted_by=("from_step", "to_step"),
    columns=(
        DAY,
        Column("from_step", "VARCHAR", "The step left."),
        Column("to_step", "VARCHAR", "The step visited right after it in the same session."),
        Column("sessions", "BIGINT", "Distinct sessions that did so."),
        Column("users", "BIGINT", "Distinct users that did so."),
        Column("count", "BIGINT", "Times it was done."),
        Column("median_gap_s", "DOUBLE", "Median time spent on from_step before."),
    ),
)


def sessions_table(product: Product) -> Table:
    """`sessions`, with one column per configured segment property (its first known value in the session).

    Raises ConfigError when a segment would hide a column that is there anyway.
    """
    taken = {column.name.lower() for column in _SESSIONS_COLUMNS}
    if hidden := [name for name in product.segments if name.lower() in taken]:
        raise ConfigError(f"product.yaml: segment {hidden[0]!r} is already a column of sessions; leave it out.")
    segments = tuple(
        Column(name, "VARCHAR", f"Segment: first known value of the event property {name} in the session.")
        for name in product.segments
    )
    return Table(
        name="sessions",
        stage="journeys",
        row="closed session",
        key=("session_id",),
        sorted_by=("session_id",),
        columns=_SESSIONS_COLUMNS + segments,
    )


def catalogue(product: Product) -> dict[str, Table]:
    """Every table of a product by name, in the order they are made."""
    tables = (EVENTS, RECORDINGS, sessions_table(product), STEPS, TRANSITIONS)
    return {table.name: table for table in tables}
