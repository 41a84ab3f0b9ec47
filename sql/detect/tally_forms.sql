-- one row is: step with a form, and segment: sessions of the day that began it, and those that did not send it
-- parameters: none
-- from: day_forms (user_intel/detect/frustration_signals.py), session_segments, segment_names
-- read by: user_intel/detect/tallies.py
with begun as (
    select
        coalesce(step, '') as step,
        hash(session_id) as session,
        bool_or(submitted) as is_sent
    from day_forms
    group by coalesce(step, ''), hash(session_id)
)

select
    'form_abandonment' as metric,
    begun.step as subject,
    begun.step,
    segment_names.segment,
    count(*) as units,
    count(case when not begun.is_sent then 1 end) as hits,
    null::double as total,
    null::double as total_squares
from begun
inner join session_segments on begun.session = session_segments.session
inner join segment_names on session_segments.segment_no = segment_names.segment_no
group by begun.step, segment_names.segment;
