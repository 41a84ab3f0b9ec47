-- one row is: a position and a step
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

select
    position,
    step,
    count(*) as sessions
from walked
where position <= 10
group by position, step;
