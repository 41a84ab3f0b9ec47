-- one row is: how many rows were read, and how many different events
-- parameters: none
-- from: page_ids, the ids of all pages read so far
-- read by: user_intel/extract/pages.py
select
    count(*) as event_rows,
    count(distinct event_id) as unique_events
from page_ids;
