-- one row is: the number of event ids that a day holds more than once
-- parameters: none; the view events_of_day
-- from: events
-- read by: user_intel/extract/checks.py
select count(*)
from (
    select event_id
    from events_of_day
    group by event_id
    having count(*) > 1
);
