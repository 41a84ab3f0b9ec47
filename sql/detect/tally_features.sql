-- one row is: feature, the step it was used from (empty: it began the session) and segment: sessions of the day
-- parameters: $features
-- from: window_steps, session_segments, segment_names
-- read by: user_intel/detect/tallies.py
with used as (
    select distinct
        next_step as feature,
        step,
        hash(session_id) as session
    from window_steps
    where next_step in (select unnest($features))
    union
    select
        step as feature,
        '' as step,
        hash(session_id) as session
    from window_steps
    where position = 1 and step in (select unnest($features))
)

select
    'feature' as metric,
    used.feature as subject,
    used.step,
    segment_names.segment,
    0 as units,
    count(*) as hits,
    null::double as total,
    null::double as total_squares
from used
inner join session_segments on used.session = session_segments.session
inner join segment_names on session_segments.segment_no = segment_names.segment_no
group by used.feature, used.step, segment_names.segment;
