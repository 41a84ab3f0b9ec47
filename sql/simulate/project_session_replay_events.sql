-- one row is: a row of the same table in `utc`, its times in the time zone of the session that makes the view
-- parameters: none
-- from: utc.session_replay_events
-- read by: user_intel/simulate/store.py
create view project.session_replay_events as
select * replace (toTimeZone(start_time, timezone()) as start_time, toTimeZone(end_time, timezone()) as end_time)
from utc.session_replay_events
