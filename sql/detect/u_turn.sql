-- one row is: visit of a step between two visits of another, left sooner than those who reach a goal leave it
-- parameters: variable signal_rules (u_turn_s, goal_quantile, min_goal_visits, u_turns_ignored)
-- from: signal_walk, signal_pages, signal_window_steps, signal_window_sessions
-- read by: user_intel/detect/frustration_signals.py
-- the linter does not read all of DuckDB's wording here -- noqa: disable=all
with turned as (
    select *
    from signal_walk
    where
        prior_step = following_step
        and stay_s < getvariable('signal_rules').u_turn_s
        and not list_contains(getvariable('signal_rules').u_turns_ignored, step)
        -- One turns away from a page. What is done on one and leads back to it (an invitation sent) is no turn.
        and (step in (from signal_pages) or prior_step not in (from signal_pages))
),

quick_for as (
    select
        w.step,
        quantile_cont(w.dwell_s, getvariable('signal_rules').goal_quantile) as quick_s
    from signal_window_steps as w
    where
        w.dwell_s is not null
        and w.step in (select step from turned)
        and w.session_id in (select session_id from signal_window_sessions where len(goals) > 0)
    group by w.step
    having count(*) >= getvariable('signal_rules').min_goal_visits
)

select
    'u_turn' as signal,
    t.session_id,
    t.user_id,
    t.entered_at as "at",
    t.step,
    null::varchar as element,
    t.stay_s as intensity
from turned as t
left join quick_for as q on t.step = q.step
where t.stay_s < coalesce(q.quick_s, getvariable('signal_rules').u_turn_s);
