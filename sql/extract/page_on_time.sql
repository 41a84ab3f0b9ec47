-- one row is: raw event that does not claim to have happened a day or more after it was received
-- parameters: none
-- from: page_rows
-- read by: user_intel/extract/pages.py
select *
from page_rows
where ingested_at is null or "at" <= ingested_at + interval 1 day;
