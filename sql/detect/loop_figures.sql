-- one row is: cycle (as JSON) and segment, with the sessions of the window that walked it in circles
-- parameters: none
-- from: loop_runs, session_segments, segment_names, goal_sessions
-- read by: user_intel/detect/loops.py
with loops as (
    select
        loop_runs.*,
        loop_runs.session in (select session from goal_sessions) as reached
    from loop_runs
)

select
    to_json(loops.cycle)::varchar as subject,
    segment_names.segment,
    any_value(loops.cycle) as cycle,
    count(distinct loops.session) as sessions,
    count(distinct loops.user_no) as users,
    median(loops.rounds) as median_repeats,
    sum(loops.time_lost_s::decimal(18, 6))::double as time_lost_s,
    avg(loops.reached::int) as goal_rate
from loops
inner join session_segments on loops.session = session_segments.session
inner join segment_names on session_segments.segment_no = segment_names.segment_no
group by loops.cycle, segment_names.segment;
