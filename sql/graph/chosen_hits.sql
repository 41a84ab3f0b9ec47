-- one row is: a pain point of the day and a session that met it, of those whose chains are loaded
-- parameters: none
-- from: pain_point_sessions, chosen_sessions
-- read by: user_intel/graph/day_rows.py
select
    pain_point_sessions.pain_point_id,
    pain_point_sessions.session_id
from pain_point_sessions
inner join chosen_sessions on pain_point_sessions.session_id = chosen_sessions.session_id
order by pain_point_sessions.pain_point_id, pain_point_sessions.session_id;
