-- one row is: a session and up to 64 segments: a bit for each that it is in
-- parameters: none
-- from: session_segments
-- read by: user_intel/detect/window.py
-- One row instead of one for each segment: what is counted by users or sessions is counted once, not once per segment.
create or replace table session_masks as
select
    session,
    (segment_no // 64)::utinyint as block,
    bit_or(1::ubigint << (segment_no % 64)::ubigint) as mask
from session_segments
group by session, (segment_no // 64)::utinyint;
