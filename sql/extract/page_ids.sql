-- one row is: event of a page by its id and time, kept to compare with what PostHog counts
-- parameters: none
-- from: page_rows
-- read by: user_intel/extract/pages.py
select
    cast(event_id as uuid) as event_id,
    "at"
from page_rows;
