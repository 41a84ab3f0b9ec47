-- one row is: a session of a person whose sessions are halved, and which half chance puts its day in (0 or 1)
-- parameters: none
-- from: people_sessions, halved_people
-- read by: user_intel/segment/features.py
-- By chance and not in turn: how many sessions somebody has is luck, too. By whole days: what the sessions of one
-- sitting have in common tells of that day, not of the person.
create or replace table halved_sessions as
select distinct
    people_sessions.session_id,
    hash(people_sessions.user_id, people_sessions.day) % 2 as half
from people_sessions
semi join halved_people
    on people_sessions.user_id = halved_people.user_id;
