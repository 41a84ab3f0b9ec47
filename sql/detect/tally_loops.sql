-- one row is: cycle and segment: sessions of the day that walked it round and round
-- parameters: none
-- from: loop_runs, session_segments, segment_names
-- read by: user_intel/detect/tallies.py
select
    'loop' as metric,
    to_json(loop_runs.cycle)::varchar as subject,
    loop_runs.cycle[1] as step,
    segment_names.segment,
    0 as units,
    count(*) as hits,
    null::double as total,
    null::double as total_squares
from loop_runs
inner join session_segments on loop_runs.session = session_segments.session
inner join segment_names on session_segments.segment_no = segment_names.segment_no
group by loop_runs.cycle, segment_names.segment;
