-- one row is: a pain point of the day and a session that met it
-- parameters: $ids (of pain points, in the order of their numbers)
-- from: problem_hits, window_sessions
-- read by: user_intel/detect/met.py
-- the linter does not read all of DuckDB's wording here -- noqa: disable=all
create or replace table pain_point_sessions as
select distinct
    list_extract($ids::varchar[], problem_hits.problem_no + 1) as pain_point_id,
    window_sessions.session_id
from problem_hits
inner join window_sessions on problem_hits.session = hash(window_sessions.session_id);
