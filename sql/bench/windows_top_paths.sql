-- one row is: the first five steps of journeys
-- parameters: none
-- from: steps, as if their order and next step were not stored
-- read by: user_intel/bench/peer.py (plain DuckDB)
with walked as (
    select
        session_id,
        user_id,
        row_number() over own_session as position,
        step,
        lead(step) over own_session as next_step,
        epoch(lead(entered_at) over own_session - entered_at) as dwell_s
    from steps
    window own_session as (partition by session_id order by entered_at, position)
)
,

paths as (
    select
        session_id,
        list(step order by position) as path
    from walked
    where position <= 5
    group by session_id
)

select
    path,
    count(*) as sessions
from paths
group by path
order by sessions desc
limit 20;
