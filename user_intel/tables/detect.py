"""Tables of the detect stage: where users struggle."""

from user_intel.tables.contract import DAY, P_VALUE, Q_VALUE, SEGMENT, SESSION, USER, Column, Table

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
