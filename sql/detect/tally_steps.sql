-- one row is: metric (exit, dwell), step and segment: what the day's sessions did there
-- parameters: none
-- from: session_steps, session_segments, step_names, segment_names
-- read by: user_intel/detect/tallies.py
-- noqa: disable=AM03
with counted as (
    select
        session_steps.step_no,
        session_segments.segment_no,
        count(*) as arrivals,
        count(case when session_steps.exited then 1 end) as exits,
        -- a session counts once, by the mean of its visits: nobody's sixty visits are sixty people's
        count(case when session_steps.timed > 0 then 1 end) as timed,
        -- sums of decimals are exact, so that the order in which rows are met changes nothing
        sum((session_steps.log_s / nullif(session_steps.timed, 0))::decimal(18, 9))::double as log_s,
        sum(((session_steps.log_s / nullif(session_steps.timed, 0)) ** 2)::decimal(18, 9))::double as log_s_squares
    from session_steps
    inner join session_segments on session_steps.session = session_segments.session
    group by session_steps.step_no, session_segments.segment_no
),

named as (
    select
        counted.*,
        step_names.step,
        segment_names.segment
    from counted
    inner join step_names on counted.step_no = step_names.step_no
    inner join segment_names on counted.segment_no = segment_names.segment_no
)

select
    'exit' as metric,
    step as subject,
    step,
    segment,
    arrivals as units,
    exits as hits,
    null::double as total,
    null::double as total_squares
from named
union all
select
    'dwell' as metric,
    step as subject,
    step,
    segment,
    timed as units,
    0 as hits,
    log_s as total,
    log_s_squares as total_squares
from named
where timed > 0;
