-- one row is: step and segment: how many of its sessions reached a goal, of all and of those that were not slow there
-- parameters: $slow_ratio (slow: this many times the median of the step, on average over its visits)
-- from: session_steps, session_masks, segment_bits, step_names, goal_sessions
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
        session_steps.step_no,
        session_masks.block,
        session_masks.mask,
        session_steps.session in (select session from goal_sessions) as reached,
        session_steps.log_s / nullif(session_steps.timed, 0) > usual.log_s + ln($slow_ratio) as is_slow
    from session_steps
    inner join usual on session_steps.step_no = usual.step_no
    inner join session_masks on session_steps.session = session_masks.session
),

counted as (
    select
        step_no,
        block,
        mask,
        count(*) as sessions,
        count(case when reached then 1 end) as reached,
        count(case when not is_slow then 1 end) as quick,
        count(case when not is_slow and reached then 1 end) as quick_reached
    from at_step
    group by step_no, block, mask
)

select
    step_names.step,
    segment_bits.segment,
    sum(counted.reached) / sum(counted.sessions) as completion_rate,
    sum(counted.quick_reached) / nullif(sum(counted.quick), 0) as expected_completion_rate
from counted
inner join segment_bits on counted.block = segment_bits.block and counted.mask & segment_bits.bit > 0
inner join step_names on counted.step_no = step_names.step_no
group by step_names.step, segment_bits.segment;
