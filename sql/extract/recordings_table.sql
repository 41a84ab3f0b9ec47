-- one row is: nothing; it makes the table that pages of recordings gather in
-- parameters: none
-- from: recordings_of_page, the view of recordings.sql over the first page
-- read by: user_intel/extract/recordings.py
create or replace temp table recordings_of_day as
select *
from recordings_of_page
where false;
