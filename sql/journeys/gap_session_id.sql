-- one row is: nothing; it names the digest that identifies a session whose source gave it no id
-- parameters: none
-- from: nothing. Two sessions of one user never start at the same instant
-- read by: user_intel/journeys/build.py
create or replace macro gap_session_id(user_id, started_at) as md5(user_id || '~' || epoch_us(started_at));
