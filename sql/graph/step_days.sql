-- one row is: a step of the day: visits, the sessions and users that came, and how many sessions began and ended there
-- parameters: none
-- from: day_steps, session_values
-- read by: user_intel/graph/day_rows.py, user_intel/graph/checks.py
-- the linter does not read all of DuckDB's wording here -- noqa: disable=all
with came as (
    select
        graph_name(step) as step,
        session_id,
        any_value(user_id) as user_id,
        count(*) as visits,
        count(*) filter (where position = 1) as entries,
        count(*) filter (where next_step is null) as exits
    from day_steps
    group by graph_name(step), session_id
),

everybody as (
    select
        step,
        sum(visits)::bigint as visits,
        count(*) as sessions,
        count(distinct hash(user_id)) as users,
        sum(entries)::bigint as entries,
        sum(exits)::bigint as exits
    from came
    group by step
),

by_segment as (
    select
        came.step,
        session_values.counted_as as segment,
        count(*) as sessions,
        count(distinct hash(came.user_id)) as users
    from came
    inner join session_values on came.session_id = session_values.session_id
    group by came.step, session_values.counted_as
),

listed as (
    select
        step,
        list(segment order by segment) as segments,
        list(sessions order by segment) as segment_sessions,
        list(users order by segment) as segment_users
    from by_segment
    group by step
)

select
    everybody.*,
    ['all'] || coalesce(listed.segments, []) as segments,
    [everybody.sessions] || coalesce(listed.segment_sessions, []) as segment_sessions,
    [everybody.users] || coalesce(listed.segment_users, []) as segment_users
from everybody
left join listed on everybody.step = listed.step
order by everybody.step;
