-- one row is: a visit of a step by a session whose recording was watched
-- parameters: $sessions (their ids)
-- from: watched_steps (steps of the window)
-- read by: user_intel/watch/video_findings.py
-- the linter does not read all of DuckDB's wording here -- noqa: disable=all
select
    session_id,
    step,
    entered_at
from watched_steps
where list_contains($sessions::varchar[], session_id)
order by session_id, entered_at, position;
