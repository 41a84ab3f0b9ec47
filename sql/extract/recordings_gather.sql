-- one row is: nothing; it adds a page of recordings to those of the day
-- parameters: none
-- from: recordings_of_page, the view of recordings.sql over one page
-- read by: user_intel/extract/recordings.py
insert into recordings_of_day by name
select *
from recordings_of_page;
