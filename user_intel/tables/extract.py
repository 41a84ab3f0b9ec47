"""Tables of the extract stage: what the sources hold."""

from user_intel.tables.contract import DAY, SESSION, USER, Column, Table

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
