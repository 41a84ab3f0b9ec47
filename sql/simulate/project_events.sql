-- one row is: a row of utc.events, its times in the project's time zone, which the session that creates the view has set
-- parameters: none
-- from: utc.events
-- read by: user_intel/simulate/store.py
create view project.events as
select * replace (toTimeZone(timestamp, timezone()) as timestamp, toTimeZone(created_at, timezone()) as created_at)
from utc.events
