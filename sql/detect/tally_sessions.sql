-- one row is: segment: its sessions of the day, and its users
-- parameters: none
-- from: session_segments, segment_names
-- read by: user_intel/detect/tallies.py
select
    'session' as metric,
    '' as subject,
    '' as step,
    segment_names.segment,
    count(*) as units,
    count(distinct session_segments.user_no) as hits,
    null::double as total,
    null::double as total_squares
from session_segments
inner join segment_names on session_segments.segment_no = segment_names.segment_no
group by segment_names.segment;
