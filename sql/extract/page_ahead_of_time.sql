-- one row is: raw event that claims to have happened more than a day after it was received
-- parameters: none
-- from: page_rows
-- read by: user_intel/extract/pages.py
select *
from page_rows
where "at" > ingested_at + interval 1 day;
