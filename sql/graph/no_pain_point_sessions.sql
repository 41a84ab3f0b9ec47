-- one row is: a pain point of the day and a session of the day that met it; none, for there are no pain points
-- parameters: none
-- from: nothing
-- read by: user_intel/graph/linking.py
create or replace table pain_point_sessions (pain_point_id varchar, session_id varchar);
