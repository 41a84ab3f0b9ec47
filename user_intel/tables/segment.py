"""Tables of the segment stage: users grouped by how they behave."""

from user_intel.tables.contract import DAY, USER, Column, Table

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
        Column("dbcv", "DOUBLE", "Density-based cluster validity of HDBSCAN's cores, -1..1: its relative_validity_."),
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
        Column("stability", "DOUBLE", "Mean Jaccard over random parts: stable from 0.75, unstable below 0.60."),
        Column("dbcv", "DOUBLE", "Density-based validity of the cores this cluster is made of, -1..1."),
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
