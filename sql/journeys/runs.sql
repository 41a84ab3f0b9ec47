-- one row is: a run of one user's events under one session id (or, without ids, between gaps), or an odd event in it
-- parameters: variable rules (gap, cap, ends_at)
-- from: day_events in stored order (user_id, at, event_id); windows without a frame's order stream over that order
-- read by: user_intel/journeys/build.py
-- the linter does not read all of DuckDB's wording here -- noqa: disable=all
create or replace table runs as
with neighbours as (
    select
        user_id,
        session_id,
        "at",
        lag(user_id) over () as prior_user,
        lag(session_id) over () as prior_session,
        lag("at") over () as prior_at
    from day_events
    where not is_bot
),

started as (
    select
        *,
        prior_user is distinct from user_id
        or prior_session is distinct from session_id
        or (session_id is null and "at" > prior_at + getvariable('rules').gap) as starts,
        prior_user is not distinct from user_id and (prior_session is null) <> (session_id is null) as mixed,
        count(case when prior_user is distinct from user_id then 1 end)
            over (rows unbounded preceding) as user_no
    from neighbours
),

timed as (
    select
        *,
        last_value(case when starts then "at" end ignore nulls) over (rows unbounded preceding) as started_at
    from started
),

judged as (
    select
        user_no,
        user_id,
        session_id,
        starts,
        mixed
        or "at" >= started_at + getvariable('rules').cap
        or "at" + getvariable('rules').gap >= getvariable('rules').ends_at as odd
    from timed
)

select *
from judged
where starts or odd;
