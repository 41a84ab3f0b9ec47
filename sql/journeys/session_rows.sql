-- one row is: a session that closes today, with what its events in order tell
-- parameters: none
-- from: walk
-- read by: user_intel/journeys/build.py
create or replace table session_rows as
with begun as (
    select
        session_no,
        user_id,
        coalesce(session_id, gap_session_id(user_id, "at")) as session_id,
        "at" as started_at,
        lead(prior_at) over () as ended_at,
        lead(event_no) over () - event_no as event_count
    from walk
    where starts
)

select *
from begun
where user_id is not null;
