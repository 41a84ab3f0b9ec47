-- one row is: a pain point of the day and a session that met it; none, for there are no pain points
-- parameters: none
-- from: nothing
-- read by: user_intel/detect/met.py
create or replace table pain_point_sessions (pain_point_id varchar, session_id varchar);
