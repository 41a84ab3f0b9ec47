-- one row is: a value of a segment property that speaks, with its segment's number
-- parameters: none
-- from: segment_names
-- read by: user_intel/detect/segments.py
create or replace view speaking_values as
select
    segment_no,
    property,
    value
from segment_names
where segment_no > 0;
