"""The public contract: every table a user can query, its columns, types, units and key.

Types are DuckDB's. Times (`_at`, `at`) are naive UTC with microseconds, `day` is a date in the product's time zone,
durations (`_s`) are seconds. Asset metadata, DuckDB comments, the README's reference and every write are checked
against this module; nothing else spells a table's columns.
"""

from dataclasses import dataclass
from typing import Literal

from user_intel.errors import ConfigError
from user_intel.product import Product

Stage = Literal["extract", "journeys", "graph", "detect", "segment"]


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

SEGMENT = Column("segment", "VARCHAR", "all, or property=value.")
P_VALUE = Column(
    "p_value", "DOUBLE", "Probability of so much or more if nothing were wrong; null where nothing is said."
)
Q_VALUE = Column("q_value", "DOUBLE", "p_value after Benjamini-Hochberg over all rows of this table that day.")

TALLIES = Table(
    name="tallies",
    stage="detect",
    row="metric, subject and segment: what one day's sessions did, to be added up over days",
    key=("metric", "subject", "step", "segment"),
    sorted_by=("metric", "segment", "subject", "step"),
    columns=(
        DAY,
        Column(
            "metric", "VARCHAR", "What was counted: exit, rapid_exit, dwell, loop, u_turn, rage_click, ..., feature."
        ),
        Column("subject", "VARCHAR", "What it is counted of: a step, an element, a cycle, a feature, an event."),
        Column("step", "VARCHAR", "The step it happens on; for a cycle its first; empty where there is none."),
        SEGMENT,
        Column("units", "BIGINT", "Sessions that could (came to the step); for dwell, those with a known dwell there."),
        Column("hits", "BIGINT", "Those of them that did; for events and for the day, people."),
        Column(
            "total", "DOUBLE", "For dwell the sum of each session's mean logarithm of seconds; for events how many."
        ),
        Column("total_squares", "DOUBLE", "For dwell the sum of the squares of those."),
    ),
)

DROP_OFFS = Table(
    name="drop_offs",
    stage="detect",
    row="step and segment, over the window ending that day",
    key=("step", "segment"),
    sorted_by=("segment", "step"),
    columns=(
        DAY,
        Column("step", "VARCHAR", "The step people leave the product from."),
        SEGMENT,
        Column("arrivals", "BIGINT", "Sessions of the window that came to the step."),
        Column("exits", "BIGINT", "Those of them that ended on it."),
        Column("exit_rate", "DOUBLE", "exits / arrivals."),
        Column("exit_low", "DOUBLE", "Lower end of its Wilson 95 % interval."),
        Column("exit_high", "DOUBLE", "Upper end of its Wilson 95 % interval."),
        Column("expected_exit_rate", "DOUBLE", "What the baseline lets expect; null where nothing does."),
        Column("lost_sessions", "DOUBLE", "arrivals * max(0, exit_low - expected_exit_rate)."),
        Column("users", "BIGINT", "Distinct users among the exits."),
        P_VALUE,
        Q_VALUE,
        Column("expected_from", "VARCHAR", "own_baseline, rest_of_product or comparable_steps."),
        Column(
            "reason", "VARCHAR", "Why nothing is said, where p_value is null: goal, too_few_sessions, no_baseline, ..."
        ),
    ),
)

FUNNELS = Table(
    name="funnels",
    stage="detect",
    row="flow, position and segment, over the flow's window ending that day",
    key=("flow", "position", "segment"),
    sorted_by=("flow", "segment", "position"),
    columns=(
        DAY,
        Column("flow", "VARCHAR", "Name of the flow in product.yaml, or 'mined: <goal>'."),
        Column("position", "INTEGER", "1 for the flow's first step."),
        SEGMENT,
        Column("step", "VARCHAR", "The step at that position."),
        Column("entered", "BIGINT", "Units (sessions or users) that came this far."),
        Column("converted", "BIGINT", "Those that came to the next position; null at the last."),
        Column("step_conversion", "DOUBLE", "converted / entered; null at the last."),
        Column("overall_conversion", "DOUBLE", "entered / entered at position 1."),
        Column("low", "DOUBLE", "Lower end of the Wilson 95 % interval of step_conversion (overall at the last)."),
        Column("high", "DOUBLE", "Upper end of it."),
        Column("median_time_s", "DOUBLE", "Median time from this position to the next; null at the last."),
        Column("mode", "VARCHAR", "ordered, strict or unordered."),
        Column("unit", "VARCHAR", "session or user."),
        Column("mined", "BOOLEAN", "Whether the flow was found in the journeys and not configured."),
    ),
)

LOOPS = Table(
    name="loops",
    stage="detect",
    row="cycle and segment, over the window ending that day",
    key=("cycle", "segment"),
    sorted_by=("segment", "cycle"),
    columns=(
        DAY,
        Column("cycle", "VARCHAR[]", "The 2 to 4 steps walked round, smallest rotation first."),
        SEGMENT,
        Column("sessions", "BIGINT", "Sessions that walked it at least twice in a row."),
        Column("users", "BIGINT", "Distinct users of those sessions."),
        Column("median_repeats", "DOUBLE", "Median of the times round in such a session."),
        Column("time_lost_s", "DOUBLE", "Seconds spent in rounds after the first, over all sessions."),
        Column("goal_rate", "DOUBLE", "Share of those sessions that reached a goal; null without flows."),
        Column("goal_rate_without", "DOUBLE", "The same of sessions that came to the steps and did not loop."),
        P_VALUE,
        Q_VALUE,
        Column("arrivals", "BIGINT", "Sessions that came to the cycle's least visited step."),
        Column("loop_rate", "DOUBLE", "sessions / arrivals."),
        Column("expected_loop_rate", "DOUBLE", "What the baseline lets expect; null where nothing does."),
        Column("expected_from", "VARCHAR", "own_baseline, rest_of_product or comparable_steps."),
        Column("reason", "VARCHAR", "Why nothing is said, where p_value is null."),
    ),
)

SLOW_STEPS = Table(
    name="slow_steps",
    stage="detect",
    row="step and segment, over the window ending that day",
    key=("step", "segment"),
    sorted_by=("segment", "step"),
    columns=(
        DAY,
        Column("step", "VARCHAR", "The step."),
        SEGMENT,
        Column("visits", "BIGINT", "Visits of the window with a known dwell."),
        Column("p50_s", "DOUBLE", "Median dwell."),
        Column("p90_s", "DOUBLE", "Nine in ten visits are shorter."),
        Column("expected_p50_s", "DOUBLE", "What the baseline lets expect of p50_s; null where nothing does."),
        Column(
            "completion_rate", "DOUBLE", "Share of sessions at the step that then reached a goal; null without flows."
        ),
        Column("expected_completion_rate", "DOUBLE", "The same of sessions at the step that were not slow."),
        Column("users", "BIGINT", "Distinct users of those visits."),
        P_VALUE,
        Q_VALUE,
        Column("expected_from", "VARCHAR", "own_baseline, rest_of_product or comparable_steps."),
        Column("reason", "VARCHAR", "Why nothing is said, where p_value is null."),
    ),
)

UNDERUSED_FEATURES = Table(
    name="underused_features",
    stage="detect",
    row="feature and segment, over the window ending that day",
    key=("feature", "segment"),
    sorted_by=("segment", "feature"),
    columns=(
        DAY,
        Column("feature", "VARCHAR", "An event of `features` in product.yaml."),
        SEGMENT,
        Column("eligible_users", "BIGINT", "Users who came to a step from which the feature is used."),
        Column("users", "BIGINT", "Those of them who used it."),
        Column("adoption", "DOUBLE", "users / eligible_users."),
        Column("expected_adoption", "DOUBLE", "What the baseline lets expect; null where nothing does."),
        Column("repeat_rate", "DOUBLE", "Share of its users who used it in more than one session."),
        P_VALUE,
        Q_VALUE,
        Column("expected_from", "VARCHAR", "own_baseline, rest_of_product or comparable_steps."),
        Column("reason", "VARCHAR", "Why nothing is said, where p_value is null."),
    ),
)

FRUSTRATION_SIGNALS = Table(
    name="frustration_signals",
    stage="detect",
    row="occurrence of a friction signal",
    key=("signal", "session_id", "at", "step", "element"),
    sorted_by=("signal", "session_id", "at"),
    columns=(
        DAY,
        Column(
            "signal",
            "VARCHAR",
            "rage_click, dead_click, slow_click, error_click, u_turn, form_abandonment or rapid_exit.",
        ),
        SESSION,
        USER,
        Column("at", "TIMESTAMP", "When it began, UTC."),
        Column("step", "VARCHAR", "The page it happened on; for a u-turn the page turned away from."),
        Column("element", "VARCHAR", "What was clicked; the last field touched of an abandoned form; else null."),
        Column(
            "intensity",
            "DOUBLE",
            "Clicks of a burst; seconds of a u-turn or rapid exit; fields touched; seconds until the click's answer.",
        ),
    ),
)

ANOMALIES = Table(
    name="anomalies",
    stage="detect",
    row="metric of the day",
    key=("metric",),
    sorted_by=("metric",),
    columns=(
        DAY,
        Column("metric", "VARCHAR", "sessions, users, event:<name>, recorded_share or conversion:<flow>."),
        Column("value", "DOUBLE", "The day's value."),
        Column("expected", "DOUBLE", "Weekday-aware robust expectation; null with too little history."),
        Column("low", "DOUBLE", "Lower end of what is ordinary."),
        Column("high", "DOUBLE", "Upper end of what is ordinary."),
        Column("score", "DOUBLE", "Robust deviations from the expectation, signed."),
        Column("direction", "VARCHAR", "up, down or none."),
        Column("kind", "VARCHAR", "volume, rate, vanished (an event that stopped) or tracking (recordings missing)."),
        P_VALUE,
        Q_VALUE,
        Column("reason", "VARCHAR", "Why nothing is said, where p_value is null."),
    ),
)

PAIN_POINTS = Table(
    name="pain_points",
    stage="detect",
    row="problem",
    key=("pain_point_id",),
    sorted_by=("pain_point_id",),
    columns=(
        DAY,
        Column(
            "pain_point_id", "VARCHAR", "Stable across days: a digest of kind, subject (with its step) and segment."
        ),
        Column(
            "kind",
            "VARCHAR",
            "drop_off, loop, slow_step, underused_feature, rage_click, dead_click, error_click, u_turn, "
            "form_abandonment, rapid_exit or anomaly.",
        ),
        Column("subject", "VARCHAR", "The step, feature, element or metric; `A <-> B` for a loop, names sorted."),
        Column("subjects", "VARCHAR[]", "Its names one by one: the steps of a loop, the element and its step."),
        SEGMENT,
        Column("flow", "VARCHAR", "The flow it costs conversions; null where it is in none."),
        Column("metric", "VARCHAR", "What value, expected, low and high measure: exit_rate, p50_s, ..."),
        Column("value", "DOUBLE", "The metric over the days of the problem within the window."),
        Column("expected", "DOUBLE", "What the baseline lets expect."),
        Column("low", "DOUBLE", "Lower end of the 95 % interval of value."),
        Column("high", "DOUBLE", "Upper end of it."),
        Column("sessions", "BIGINT", "Sessions hit in the window."),
        Column("users", "BIGINT", "Distinct users hit in the window."),
        P_VALUE,
        Column("q_value", "DOUBLE", "p_value after Benjamini-Hochberg over everything tested that day."),
        Column("lost_conversions", "DOUBLE", "Conversions of the flow lost to it in the window; null without a flow."),
        Column("lost_usd", "DOUBLE", "Their worth by goals.value_usd; null where that names no worth."),
        Column("severity", "DOUBLE", "0..100: share of users for whom it goes wrong and of conversions lost."),
        Column("priority", "VARCHAR", "P0..P3: at least 20, 5, 1 % of active users hit, or fewer."),
        Column("first_day", "DATE", "The day from which the data show it."),
        Column("last_day", "DATE", "The last day on which somebody was hit."),
        Column("days_seen", "BIGINT", "Days from first_day to last_day on which somebody was hit."),
        Column("trend", "VARCHAR", "new, worse, same or better, against the window before."),
        Column("facts", "VARCHAR", "JSON: every number an explanation may use, with unit, window and denominator."),
        Column("source_table", "VARCHAR", "The table its numbers come from."),
    ),
)


# Graph.

PAGE_RANKS = Table(
    name="page_ranks",
    stage="graph",
    row="step, in the graph of the transitions of the window ending that day",
    key=("step",),
    sorted_by=("step",),
    columns=(
        DAY,
        Column("step", "VARCHAR", "The step."),
        Column(
            "pagerank", "DOUBLE", "PageRank (damping 0.85), weighted by sessions; sums to 1 over the window's steps."
        ),
        Column(
            "betweenness",
            "DOUBLE",
            "Share of all pairs of two others whose shortest way (1 / sessions long an edge) leads over it.",
        ),
        Column("community", "INTEGER", "Number of its community, 1 for the one of most steps; may change every day."),
        Column("community_name", "VARCHAR", "The community's step of the highest pagerank."),
        Column("visits", "BIGINT", "Visits of the step in the window."),
        Column("entries", "BIGINT", "Sessions that began there."),
        Column("exits", "BIGINT", "Sessions that ended there."),
        Column("steps_before", "BIGINT", "Different steps it was reached from."),
        Column("steps_after", "BIGINT", "Different steps visited right after it."),
        Column(
            "betweenness_sources",
            "BIGINT",
            "Steps betweenness was counted from: all, or in graphs of more than 500 a sample of 500 (an estimate).",
        ),
    ),
)

# Segment.

USER_FEATURES = Table(
    name="user_features",
    stage="segment",
    row="user with a session in the window ending that day",
    key=("user_id",),
    sorted_by=("user_id",),
    columns=(
        DAY,
        USER,
        Column("sessions", "BIGINT", "Sessions of the window, those of machines left out."),
        Column("active_days", "BIGINT", "Calendar days (in the product's time zone) on which a session began."),
        Column("visits", "BIGINT", "Visits of steps."),
        # How often and when.
        Column("sessions_per_week", "DOUBLE", "Sessions a week since the first of the window; of a week at least."),
        Column("recency_days", "DOUBLE", "Days from the end of the last session to the end of the window."),
        Column("tenure_days", "DOUBLE", "Days from the start of the first session of the window to its end."),
        Column("new_user", "BOOLEAN", "Whether the first session ever lies in the window."),
        Column("median_gap_days", "DOUBLE", "Median days from one session's start to the next; null with one session."),
        Column(
            "gap_variation", "DOUBLE", "Standard deviation of those gaps / their mean; null with fewer than 3 sessions."
        ),
        Column("night_share", "DOUBLE", "Share of sessions begun from 0 to 6 o'clock, in the product's time zone."),
        Column("morning_share", "DOUBLE", "The same from 6 to 12 o'clock."),
        Column("afternoon_share", "DOUBLE", "The same from 12 to 18 o'clock."),
        Column("evening_share", "DOUBLE", "The same from 18 to 24 o'clock."),
        Column("monday_share", "DOUBLE", "Share of sessions begun on a Monday of the product's time zone."),
        Column("tuesday_share", "DOUBLE", "The same on a Tuesday."),
        Column("wednesday_share", "DOUBLE", "The same on a Wednesday."),
        Column("thursday_share", "DOUBLE", "The same on a Thursday."),
        Column("friday_share", "DOUBLE", "The same on a Friday."),
        Column("saturday_share", "DOUBLE", "The same on a Saturday."),
        Column("sunday_share", "DOUBLE", "The same on a Sunday."),
        Column("weekend_share", "DOUBLE", "The same on Saturday or Sunday."),
        # How long and how deep.
        Column("median_duration_s", "DOUBLE", "Median length of a session."),
        Column("typical_duration_s", "DOUBLE", "Geometric mean length of a session, none counted shorter than 1 s."),
        Column("median_depth", "DOUBLE", "Median visits of steps in a session."),
        Column("mean_depth", "DOUBLE", "Mean visits of steps in a session."),
        Column("events_per_session", "DOUBLE", "Mean events in a session, steps or not."),
        Column("one_step_share", "DOUBLE", "Share of sessions with one visit of a step, or none."),
        Column("typical_dwell_s", "DOUBLE", "Geometric mean of known dwells, none counted below 0.1 s; null without."),
        # How widely.
        Column("distinct_steps", "BIGINT", "Different steps visited."),
        Column(
            "step_entropy_bits", "DOUBLE", "How evenly visits are spread over steps: 0 for one step; null for none."
        ),
        Column("revisit_share", "DOUBLE", "Share of visits to a step that the session had visited before."),
        # How it went.
        Column("goal_share", "DOUBLE", "Share of sessions that went through a flow to its goal; null without flows."),
        Column("loop_share", "DOUBLE", "Share of sessions that walked a cycle in circles, as in loops."),
        Column("rage_click_share", "DOUBLE", "Share of sessions with this signal."),
        Column("dead_click_share", "DOUBLE", "Share of sessions with this signal."),
        Column("slow_click_share", "DOUBLE", "Share of sessions with this signal."),
        Column("error_click_share", "DOUBLE", "Share of sessions with this signal."),
        Column("u_turn_share", "DOUBLE", "Share of sessions with this signal."),
        Column("form_abandonment_share", "DOUBLE", "Share of sessions with this signal."),
        Column("rapid_exit_share", "DOUBLE", "Share of sessions with this signal."),
        # Under their names; what is missing in a map did not happen.
        Column("step_shares", "MAP(VARCHAR, DOUBLE)", "Share of visits by step; rarer ones as '(other steps)'."),
        Column("entry_shares", "MAP(VARCHAR, DOUBLE)", "Share of sessions by the step they began with."),
        Column("exit_shares", "MAP(VARCHAR, DOUBLE)", "Share of sessions by the step they ended with."),
        Column("feature_shares", "MAP(VARCHAR, DOUBLE)", "Share of sessions that used a feature of product.yaml."),
        Column("flow_entry_shares", "MAP(VARCHAR, DOUBLE)", "Share of sessions that came to a flow's first step."),
        Column(
            "flow_progress", "MAP(VARCHAR, DOUBLE)", "Mean share of a flow's steps gone through, where it was entered."
        ),
        Column(
            "flow_completion", "MAP(VARCHAR, DOUBLE)", "Share of sessions that entered a flow that reached its goal."
        ),
        Column("property_means", "MAP(VARCHAR, DOUBLE)", "Mean of a configured numeric property over its events."),
        Column("property_totals", "MAP(VARCHAR, DOUBLE)", "Sum of it."),
        Column("property_counts", "MAP(VARCHAR, DOUBLE)", "Events with a finite number in it."),
        Column("property_ignored", "BIGINT", "Values of such properties that were text, NaN, infinite or too large."),
    ),
)

USER_CLUSTERS = Table(
    name="user_clusters",
    stage="segment",
    row="user with features that day",
    key=("user_id",),
    sorted_by=("user_id",),
    columns=(
        DAY,
        USER,
        Column(
            "cluster_key", "VARCHAR", "The persona, the same from day to day; null for users like no group (noise)."
        ),
        Column("probability", "DOUBLE", "How firmly the user belongs to it, 0..1; 0 for noise."),
        Column("x", "DOUBLE", "Place in the drawing; distances mean little, neighbourhoods something."),
        Column("y", "DOUBLE", "Place in the drawing."),
        Column(
            "fitted", "BOOLEAN", "Whether the user was clustered itself; else placed by its nearest such neighbours."
        ),
    ),
)

CLUSTERINGS = Table(
    name="clusterings",
    stage="segment",
    row="day: how well its users fall into groups, or why they do not",
    key=("day",),
    sorted_by=("day",),
    columns=(
        DAY,
        Column("verdict", "VARCHAR", "clusters, too_few_users, no_structure, one_blob or dust."),
        Column("words", "VARCHAR", "The verdict in a sentence."),
        Column("users", "BIGINT", "Users with features."),
        Column("fitted_users", "BIGINT", "Those of them that were clustered themselves."),
        Column("features", "VARCHAR[]", "Features that were used."),
        Column("left_out", "VARCHAR", "JSON: features that were not, and why."),
        Column("clusters", "BIGINT", "Groups found."),
        Column("noise_share", "DOUBLE", "Share of users in no group."),
        Column("dbcv", "DOUBLE", "Density-based cluster validity, -1..1, as HDBSCAN's relative_validity_."),
        Column(
            "agreement",
            "DOUBLE",
            "Adjusted Rand index between the groups of random parts of the users; 1 is the same groups in each.",
        ),
        Column(
            "seed_agreement", "DOUBLE", "Adjusted Rand index between seeds; 1 is the same groups whatever the seed."
        ),
        Column(
            "crowd_agreement",
            "DOUBLE",
            "As agreement, in one normal crowd of the same covariances: what is agreed on where there are no groups.",
        ),
        Column(
            "togetherness",
            "DOUBLE",
            "How much nearer users are to each other than with features dealt out at random, in standard deviations.",
        ),
        Column(
            "placement_agreement",
            "DOUBLE",
            "Share of held-out fitted users whom the vote of the others puts where they were found to belong.",
        ),
        Column("parameters", "VARCHAR", "JSON: everything chosen for this run, seeds included."),
        Column(
            "stabilities",
            "VARCHAR",
            "JSON: by persona, jaccard (how much of it random parts find again), dbcv, called (stable ... unstable).",
        ),
        Column("personas", "VARCHAR", "JSON list: key, colour, first_day, users and centre of each group."),
        Column(
            "highest_persona", "BIGINT", "The highest number a persona ever had; the next one to be born has the next."
        ),
        Column("before_day", "DATE", "The earlier day that keys were taken over from; null for the first."),
        Column("before_digest", "VARCHAR", "Digest of what was known of the days before."),
    ),
)

CLUSTER_CHANGES = Table(
    name="cluster_changes",
    stage="segment",
    row="persona of the day before, persona of this day, and how many users went from one to the other",
    key=("from_key", "to_key"),
    sorted_by=("from_key", "to_key"),
    columns=(
        DAY,
        Column("from_key", "VARCHAR", "The persona before; 'noise', or 'absent' for users without features then."),
        Column("to_key", "VARCHAR", "The persona now; 'noise', or 'absent'."),
        Column("users", "BIGINT", "Users that went from one to the other."),
        Column("from_share", "DOUBLE", "users / all users of from_key."),
        Column("to_share", "DOUBLE", "users / all users of to_key."),
        Column(
            "kind", "VARCHAR", "kept, born, died, merged, split (what happened to the personas) or moved (users only)."
        ),
        Column("from_day", "DATE", "The day before: the nearest earlier one that was clustered; null for the first."),
    ),
)

CLUSTER_PROFILES = Table(
    name="cluster_profiles",
    stage="segment",
    row="persona of the day",
    key=("cluster_key",),
    sorted_by=("cluster_key",),
    columns=(
        DAY,
        Column("cluster_key", "VARCHAR", "The persona, the same from day to day."),
        Column("name", "VARCHAR", "A plain name from its top traits, kept while they last."),
        Column("colour", "VARCHAR", "Its colour in every picture, #rrggbb."),
        Column("users", "BIGINT", "Users in it."),
        Column("share", "DOUBLE", "Of all users with features."),
        Column("stability", "DOUBLE", "Mean Jaccard over bootstrap resamples: stable from 0.75, unstable below 0.60."),
        Column("dbcv", "DOUBLE", "Density-based validity of this cluster, -1..1."),
        Column(
            "traits", "VARCHAR", "JSON list: feature, z, direction, mean, rest, unit, effect with low and high, ..."
        ),
        Column("pain_point_ids", "VARCHAR[]", "Pain points that its users meet more than the rest, the worst first."),
        Column("status", "VARCHAR", "new, stable, grown, shrunk or gone."),
        Column("first_day", "DATE", "The day it was first seen."),
        Column("compared_with", "DATE", "The earlier day that status compares with; null where there is none."),
        Column("share_before", "DOUBLE", "Its share on that day; of one that came back, when it was last seen."),
        Column("standing", "VARCHAR", "stable, doubtful or unstable by its stability; unknown where that is."),
        Column("name_marks", "VARCHAR", "JSON list of [feature, direction]: the traits that the name tells of."),
        Column("paths", "VARCHAR", "JSON list: steps walked in a row, share of its sessions, rest, lift, users."),
        Column("exemplars", "VARCHAR", "JSON list: a session each of the users nearest to its centre, without ids."),
        Column("pain_points", "VARCHAR", "JSON list: pain_point_id, users, rate of its users with low, high; rest, q."),
        Column("goal_rate", "DOUBLE", "Share of its users that reached a goal in the window; null without flows."),
        Column("goal_low", "DOUBLE", "Lower end of its Wilson 95 % interval."),
        Column("goal_high", "DOUBLE", "Upper end of its Wilson 95 % interval."),
        Column("goal_rest", "DOUBLE", "The same share of all other users."),
        Column(
            "return_rate",
            "DOUBLE",
            "Of its users seen in the first half of the window, the share seen in its last week.",
        ),
        Column("return_low", "DOUBLE", "Lower end of its Wilson 95 % interval."),
        Column("return_high", "DOUBLE", "Upper end of its Wilson 95 % interval."),
        Column("return_rest", "DOUBLE", "The same share of all other users."),
        Column("mix", "VARCHAR", "JSON list: segment, share of its sessions, rest; for information, not clustered by."),
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
    detect = (
        FRUSTRATION_SIGNALS,
        TALLIES,
        DROP_OFFS,
        FUNNELS,
        LOOPS,
        SLOW_STEPS,
        UNDERUSED_FEATURES,
        ANOMALIES,
        PAIN_POINTS,
    )
    segment = (USER_FEATURES, USER_CLUSTERS, CLUSTERINGS, CLUSTER_CHANGES, CLUSTER_PROFILES)
    tables = (EVENTS, RECORDINGS, sessions_table(product), STEPS, TRANSITIONS, *detect, PAGE_RANKS, *segment)
    return {table.name: table for table in tables}
