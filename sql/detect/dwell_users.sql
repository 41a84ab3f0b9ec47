-- one row is: step and segment, with the visits of the window whose dwell is known, and whose they were
-- parameters: none
-- from: session_steps, session_segments, step_names, segment_names
-- read by: user_intel/detect/slow_steps.py
-- Apart from the quantiles: either takes much memory on large windows, both at once too much.
with counted as (
    select
        session_steps.step_no,
        session_segments.segment_no,
        sum(session_steps.timed)::bigint as visits,
        count(distinct session_steps.user_no) as users
    from session_steps
    inner join session_segments on session_steps.session = session_segments.session
    where session_steps.timed > 0
    group by session_steps.step_no, session_segments.segment_no
)

select
    step_names.step,
    segment_names.segment,
    counted.visits,
    counted.users
from counted
inner join step_names on counted.step_no = step_names.step_no
inner join segment_names on counted.segment_no = segment_names.segment_no;
