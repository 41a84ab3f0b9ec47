-- one row is: a person of the range, with exactly the columns of tables.USER_FEATURES
-- parameters: $day, $flows (how many the product has)
-- from: user_rhythm, user_breadth, user_troubles, user_names
-- read by: user_intel/segment/features.py
-- the linter does not read all of DuckDB's wording here -- noqa: disable=all
select
    $day::date as day,
    rhythm.* exclude (user_no),
    coalesce(breadth.visits, 0) as visits,
    breadth.typical_dwell_s,
    coalesce(breadth.distinct_steps, 0) as distinct_steps,
    breadth.step_entropy_bits,
    breadth.revisit_share,
    case when $flows > 0 then coalesce(names.goal_sessions, 0) / rhythm.sessions end as goal_share,
    coalesce(troubles.loop_share, 0) as loop_share,
    coalesce(troubles.rage_click_share, 0) as rage_click_share,
    coalesce(troubles.dead_click_share, 0) as dead_click_share,
    coalesce(troubles.slow_click_share, 0) as slow_click_share,
    coalesce(troubles.error_click_share, 0) as error_click_share,
    coalesce(troubles.u_turn_share, 0) as u_turn_share,
    coalesce(troubles.form_abandonment_share, 0) as form_abandonment_share,
    coalesce(troubles.rapid_exit_share, 0) as rapid_exit_share,
    coalesce(names.step_shares, map {}) as step_shares,
    coalesce(names.entry_shares, map {}) as entry_shares,
    coalesce(names.exit_shares, map {}) as exit_shares,
    coalesce(names.feature_shares, map {}) as feature_shares,
    coalesce(names.flow_entry_shares, map {}) as flow_entry_shares,
    coalesce(names.flow_progress, map {}) as flow_progress,
    coalesce(names.flow_completion, map {}) as flow_completion,
    coalesce(names.property_means, map {}) as property_means,
    coalesce(names.property_totals, map {}) as property_totals,
    coalesce(names.property_counts, map {}) as property_counts,
    coalesce(names.property_ignored, 0) as property_ignored
from user_rhythm as rhythm
left join user_breadth as breadth on rhythm.user_no = breadth.user_no
left join user_troubles as troubles on rhythm.user_no = troubles.user_no
left join user_names as names on rhythm.user_no = names.user_no
order by rhythm.user_id;
