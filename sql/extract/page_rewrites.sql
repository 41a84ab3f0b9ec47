-- one row is: nothing; it keeps each page beside what the path rules make of it
-- parameters: none
-- from: private_events
-- read by: user_intel/extract/normalise.py
create or replace temp table page_rewrites as
select distinct
    page,
    page as rewritten
from private_events
where page is not null;
