-- one row is: a session that a person of the range had in the window
-- parameters: $zone
-- from: range_sessions, window_robots
-- read by: user_intel/segment/features.py
create or replace table feature_sessions as
select
    range_sessions.day,
    hash(range_sessions.session_id) as session,
    hash(range_sessions.user_id) as user_no,
    range_sessions.user_id,
    range_sessions.started_at,
    range_sessions.ended_at,
    timezone($zone, timezone('UTC', range_sessions.started_at)) as local_start,
    range_sessions.duration_s,
    range_sessions.event_count,
    range_sessions.step_count,
    range_sessions.entry_step,
    range_sessions.exit_step,
    range_sessions.new_user
from range_sessions
anti join window_robots
    on range_sessions.day = window_robots.day and range_sessions.user_id = window_robots.user_id;
