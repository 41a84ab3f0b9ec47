-- one row is: nothing; it makes the empty tables that a build may leave empty
-- parameters: none
-- from: nothing
-- read by: user_intel/journeys/build.py
-- the linter does not read all of DuckDB's wording here -- noqa: disable=all
create or replace table alive_users (user_id varchar);
create or replace table carried_events as from day_events limit 0;
create or replace table earlier_ids (session_id varchar, first_use struct(used_at timestamp, user_id varchar));
create or replace table page_stays (event_no bigint, stay_s double);
create or replace table earlier_users (user_id varchar, first_day date);
create or replace table goals_reached (session_id varchar, goals varchar []);
create or replace table segment_values (session_no bigint, segment varchar, value varchar);
