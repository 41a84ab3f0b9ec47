-- one row is: a segment with the bit that stands for it in masks
-- parameters: none
-- from: segment_names
-- read by: user_intel/detect/window.py
create or replace view segment_bits as
select
    segment_no,
    segment,
    (segment_no // 64)::utinyint as block,
    1::ubigint << (segment_no % 64)::ubigint as bit
from segment_names;
