-- one row is: cycle (as JSON) and segment, with the goal rate of sessions that came to all its steps and did not loop
-- parameters: $least (sessions below which a cycle is not asked for)
-- from: loop_runs, session_steps, session_segments, segment_names, goal_sessions
-- read by: user_intel/detect/loops.py
-- the linter does not read all of DuckDB's wording here -- noqa: disable=all
with cycles as (
    select cycle
    from loop_runs
    group by cycle
    having count(distinct session) >= $least
),

places as (
    select
        cycle,
        len(cycle) as length,
        hash(unnest(cycle)) as step_no
    from cycles
),

came as (
    select
        places.cycle,
        session_steps.session
    from places
    inner join session_steps on places.step_no = session_steps.step_no
    group by places.cycle, session_steps.session
    having count(*) = any_value(places.length)
),

others as (
    select
        came.*,
        came.session in (select session from goal_sessions) as reached
    from came
    anti join loop_runs on came.cycle = loop_runs.cycle and came.session = loop_runs.session
)

select
    to_json(others.cycle)::varchar as subject,
    segment_names.segment,
    avg(others.reached::int) as goal_rate_without
from others
inner join session_segments on others.session = session_segments.session
inner join segment_names on session_segments.segment_no = segment_names.segment_no
group by others.cycle, segment_names.segment;
