"""Tables of the journeys stage: sessions, what was visited in them, and what followed on what."""

from user_intel.errors import ConfigError
from user_intel.product import Product
from user_intel.tables.contract import DAY, SESSION, USER, Column, Table

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
