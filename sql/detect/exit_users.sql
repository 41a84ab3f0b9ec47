-- one row is: step and segment, with the people whose sessions ended there
-- parameters: none
-- from: session_steps, session_masks, segment_bits, step_names
-- read by: user_intel/detect/drop_offs.py
with people as (
    select
        session_steps.step_no,
        session_steps.user_no,
        session_masks.block,
        bit_or(session_masks.mask) as mask
    from session_steps
    inner join session_masks on session_steps.session = session_masks.session
    where session_steps.exited
    group by session_steps.step_no, session_steps.user_no, session_masks.block
),

counted as (
    select
        step_no,
        block,
        mask,
        count(*) as users
    from people
    group by step_no, block, mask
)

select
    step_names.step,
    segment_bits.segment,
    sum(counted.users)::bigint as users
from counted
inner join segment_bits on counted.block = segment_bits.block and counted.mask & segment_bits.bit > 0
inner join step_names on counted.step_no = step_names.step_no
group by step_names.step, segment_bits.segment;
