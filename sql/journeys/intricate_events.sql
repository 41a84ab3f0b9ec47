-- one row is: an event of an intricate user's session that closes today, whole sessions stored after one another
-- parameters: none
-- from: placed_events, intricate_sessions
-- read by: user_intel/journeys/build.py
create or replace table intricate_events as
select
    e.* exclude (session_id, session_no),
    s.session_id
from placed_events as e
inner join intricate_sessions as s using (session_no)
where s.closes_today
order by e.place_no;
