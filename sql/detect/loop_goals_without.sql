-- one row is: cycle (as JSON) and segment, with the goal rate of sessions that came to all its steps and did not loop
-- parameters: $least (sessions below which a cycle is not asked for)
-- from: loop_runs, session_steps, session_masks, segment_bits, goal_sessions
-- read by: user_intel/detect/loops.py
-- the linter does not read all of DuckDB's wording here -- noqa: disable=all
with cycles as materialized (
    select
        cycle,
        row_number() over (order by cycle)::uinteger as cycle_no
    from loop_runs
    group by cycle
    having count(distinct session) >= $least
),

places as (
    select
        cycle_no,
        len(cycle) as length,
        hash(unnest(cycle)) as step_no
    from cycles
),

came as (
    select
        places.cycle_no,
        session_steps.session
    from places
    inner join session_steps on places.step_no = session_steps.step_no
    group by places.cycle_no, session_steps.session
    having count(*) = any_value(places.length)
),

looped as (
    select
        cycles.cycle_no,
        loop_runs.session
    from loop_runs
    inner join cycles on loop_runs.cycle = cycles.cycle
),

counted as (
    select
        came.cycle_no,
        session_masks.block,
        session_masks.mask,
        count(*) as sessions,
        count(case when came.session in (select session from goal_sessions) then 1 end) as reached
    from came
    anti join looped on came.cycle_no = looped.cycle_no and came.session = looped.session
    inner join session_masks on came.session = session_masks.session
    group by came.cycle_no, session_masks.block, session_masks.mask
)

select
    to_json(cycles.cycle)::varchar as subject,
    segment_bits.segment,
    sum(counted.reached) / sum(counted.sessions) as goal_rate_without
from counted
inner join cycles on counted.cycle_no = cycles.cycle_no
inner join segment_bits on counted.block = segment_bits.block and counted.mask & segment_bits.bit > 0
group by cycles.cycle, segment_bits.segment;
