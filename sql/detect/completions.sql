-- one row is: step and segment: how many of its sessions reached a goal, of all and of those that were not slow there
-- parameters: $slow_ratio (slow: this many times the median of the step, on average over its visits)
-- from: session_steps, session_segments, step_names, segment_names, goal_sessions
-- read by: user_intel/detect/slow_steps.py
with usual as (
    select
        step_no,
        median(log_s / timed) as log_s
    from session_steps
    where timed > 0
    group by step_no
),

at_step as (
    select
        session_steps.session,
        session_steps.step_no,
        session_steps.session in (select session from goal_sessions) as reached,
        session_steps.log_s / nullif(session_steps.timed, 0) > usual.log_s + ln($slow_ratio) as is_slow
    from session_steps
    inner join usual on session_steps.step_no = usual.step_no
),

counted as (
    select
        at_step.step_no,
        session_segments.segment_no,
        avg(at_step.reached::int) as completion_rate,
        avg(case when not at_step.is_slow then at_step.reached::int end) as expected_completion_rate
    from at_step
    inner join session_segments on at_step.session = session_segments.session
    group by at_step.step_no, session_segments.segment_no
)

select
    step_names.step,
    segment_names.segment,
    counted.completion_rate,
    counted.expected_completion_rate
from counted
inner join step_names on counted.step_no = step_names.step_no
inner join segment_names on counted.segment_no = segment_names.segment_no;
