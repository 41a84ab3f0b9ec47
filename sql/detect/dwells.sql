-- one row is: step and segment, with how long visits of the window lasted
-- parameters: none
-- from: window_steps, session_segments, step_names, segment_names
-- read by: user_intel/detect/slow_steps.py
with counted as (
    select
        hash(window_steps.step) as step_no,
        session_segments.segment_no,
        count(*) as visits,
        quantile_cont(window_steps.dwell_s, [0.5, 0.9]) as quantiles
    from window_steps
    inner join session_segments on hash(window_steps.session_id) = session_segments.session
    where window_steps.dwell_s is not null
    group by hash(window_steps.step), session_segments.segment_no
)

select
    step_names.step,
    segment_names.segment,
    counted.visits,
    counted.quantiles[1] as p50_s,
    counted.quantiles[2] as p90_s
from counted
inner join step_names on counted.step_no = step_names.step_no
inner join segment_names on counted.segment_no = segment_names.segment_no;
