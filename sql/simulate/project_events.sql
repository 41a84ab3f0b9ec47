-- one row is: a row of the same table in `utc`, its times in the time zone of the session that makes the view
-- parameters: none
-- from: utc.events
-- read by: user_intel/simulate/store.py
create view project.events as
select * replace (toTimeZone(timestamp, timezone()) as timestamp, toTimeZone(created_at, timezone()) as created_at)
from utc.events
