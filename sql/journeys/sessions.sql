-- one row is: a session that closes today; `segments` maps each configured segment to its value
-- parameters: variable rules (day)
-- from: session_rows, day_steps (just written), intricate_sessions, earlier_users, goals_reached, segment_values
-- read by: user_intel/journeys/build.py, which makes a column of each segment
-- noqa: disable=ST05
with ends as (
    select
        session_id,
        max(position) as step_count,
        max(case when position = 1 then step end) as entry_step,
        max(case when next_step is null then step end) as exit_step
    from day_steps
    where position = 1 or next_step is null
    group by session_id
),

segment_maps as (
    select
        session_no,
        map_from_entries(list((segment, value))) as segments
    from segment_values
    group by session_no
)

select
    getvariable('rules').day as day,
    s.session_id,
    s.user_id,
    s.started_at,
    s.ended_at,
    (epoch_us(s.ended_at) - epoch_us(s.started_at)) / 1e6 as duration_s,
    s.event_count,
    coalesce(i.events_before_day, 0) as events_before_day,
    coalesce(e.step_count, 0) as step_count,
    e.entry_step,
    e.exit_step,
    coalesce(g.goals, []) as goals,
    coalesce(u.first_day >= coalesce(i.first_day, getvariable('rules').day), true) as new_user,
    m.segments
from session_rows as s
left join ends as e on s.session_id = e.session_id
left join (from intricate_sessions where closes_today) as i on s.session_id = i.session_id
left join earlier_users as u on s.user_id = u.user_id
left join goals_reached as g on s.session_id = g.session_id
left join segment_maps as m on s.session_no = m.session_no;
