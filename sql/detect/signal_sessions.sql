-- one row is: a session that closes on the day, with the source's session id it came from ('' where it came from none)
-- parameters: none
-- from: signal_day_sessions
-- read by: user_intel/detect/frustration_signals.py
create or replace temp table signal_sessions as
select
    session_id,
    user_id,
    started_at,
    ended_at,
    case
        when session_id = gap_session_id(user_id, started_at) then ''
        -- The journeys give a later use of an id a suffix: ~day~digest, 20 characters.
        when ends_with(session_id, '~' || left(gap_session_id(user_id, started_at), 8)) then left(session_id, -20)
        else session_id
    end as chain
from signal_day_sessions;
