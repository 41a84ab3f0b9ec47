-- one row is: a recorded session chosen to be watched for a problem: it met it, or (met is false) it came to
--   the same place in the same segment and did not
-- parameters: $day; $problems (how many, the first that have a recording), $shows and $contrasts (sessions of each);
--   $least_s, $most_s (active seconds of a recording worth watching)
-- from: problem_units, problem_hits, window_sessions, watched_recordings, unavailable
-- read by: user_intel/watch/choosing.py
-- the linter does not read all of DuckDB's wording here -- noqa: disable=all
create or replace table chosen_sessions as
with recorded as (
    select
        problem_units.problem_no,
        problem_hits.session is not null as met,
        window_sessions.session_id,
        window_sessions.user_id,
        window_sessions.day,
        watched_recordings.session_id as recording_id,
        watched_recordings.started_at as recording_started_at,
        watched_recordings.active_s,
        watched_recordings.duration_s
    from problem_units
    inner join window_sessions on problem_units.session = hash(window_sessions.session_id)
    -- a session that midnight cut in two is told apart after a ~; its recording is one
    inner join watched_recordings on split_part(window_sessions.session_id, '~', 1) = watched_recordings.session_id
    left join problem_hits
        on problem_units.problem_no = problem_hits.problem_no and problem_units.session = problem_hits.session
    where
        watched_recordings.active_s between $least_s and $most_s
        and watched_recordings.session_id not in (from unavailable)
),

usual as (
    select
        problem_no,
        median(ln(active_s)) as log_s
    from recorded
    where met
    group by problem_no
),

-- usual ones first, so that what is seen stands for many; those of the last day may not be whole yet
one_each_user as (
    select recorded.*, abs(ln(active_s) - log_s) as unusual
    from recorded
    inner join usual using (problem_no)
    qualify row_number() over (
        partition by recorded.problem_no, recorded.met, recorded.user_id
        order by recorded.day = $day, unusual, md5(recorded.session_id)
    ) = 1
),

placed as (
    select
        *,
        row_number() over (partition by problem_no, met order by day = $day, unusual, md5(session_id)) as place,
        dense_rank() over (order by problem_no) as problem_place
    from one_each_user
)

select * exclude (unusual)
from placed
where problem_place <= $problems and place <= if(met, $shows, $contrasts);
