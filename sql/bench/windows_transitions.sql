-- one row is: a step and the step after it
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
    step,
    next_step,
    count(*) as count,
    count(distinct session_id) as sessions,
    count(distinct user_id) as users,
    median(dwell_s) as gap_s
from walked
where next_step is not null
group by step, next_step;
