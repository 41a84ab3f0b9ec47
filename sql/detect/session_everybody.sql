-- one row is: a session as part of everybody, where no segments are configured
-- parameters: none
-- from: session_people
-- read by: user_intel/detect/segments.py
create or replace table session_segments as
select
    session,
    user_no,
    0::utinyint as segment_no
from session_people;
