-- one row is: minute of which events were read, with the number of different ones
-- parameters: none
-- from: page_ids, the ids of all pages read so far
-- read by: user_intel/extract/pages.py
select
    date_trunc('minute', "at") as minute,
    count(distinct event_id) as unique_events
from page_ids
group by all;
