-- one row is: a row of utc.session_replay_events, its times in the project's time zone, which the session that creates the view has set
-- parameters: none
-- from: utc.session_replay_events
-- read by: user_intel/simulate/store.py
create view project.session_replay_events as
select * replace (toTimeZone(start_time, timezone()) as start_time, toTimeZone(end_time, timezone()) as end_time)
from utc.session_replay_events
