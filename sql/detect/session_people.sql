-- one row is: a session of the window that a person had, its names as numbers: they join and count faster
-- parameters: none
-- from: window_sessions, robots
-- read by: user_intel/detect/window.py
create or replace table session_people as
select
    window_sessions.day,
    hash(window_sessions.session_id) as session,
    hash(window_sessions.user_id) as user_no
from window_sessions
anti join robots on window_sessions.day = robots.day and window_sessions.user_id = robots.user_id;
