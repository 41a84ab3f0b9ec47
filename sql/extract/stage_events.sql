-- one row is: nothing; it keeps the private events of one call, so that each is parsed once
-- parameters: none
-- from: private_event_rows, the view of private_events.sql
-- read by: user_intel/extract/normalise.py
create or replace temp table private_events as
select * from private_event_rows;
