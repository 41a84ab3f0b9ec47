-- one row is: the recording of a session, if there is one
-- parameters: session, its id
-- from: utc.session_replay_events
-- read by: user_intel/simulate/snapshots.py
-- noqa: disable=all
select
    toUnixTimestamp64Milli(start_time) as start_ms,
    toUnixTimestamp64Milli(end_time) as end_ms
from utc.session_replay_events
where session_id = {session:String}
limit 1
