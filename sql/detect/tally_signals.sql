-- one row is: signal, subject (element, else step), step and segment: sessions of the day that met it
-- parameters: none
-- from: day_signals (frustration_signals of the day), session_segments, segment_names
-- read by: user_intel/detect/tallies.py
with met as (
    select distinct
        signal as metric,
        case when signal in ('rage_click', 'dead_click', 'error_click') then coalesce(element, step, '') else step end
            as subject,
        coalesce(step, '') as step,
        hash(session_id) as session
    from day_signals
    where signal in ('rage_click', 'dead_click', 'error_click', 'u_turn', 'rapid_exit')
)

select
    met.metric,
    coalesce(met.subject, '') as subject,
    met.step,
    segment_names.segment,
    0 as units,
    count(*) as hits,
    null::double as total,
    null::double as total_squares
from met
inner join session_segments on met.session = session_segments.session
inner join segment_names on session_segments.segment_no = segment_names.segment_no
group by met.metric, met.subject, met.step, segment_names.segment;
