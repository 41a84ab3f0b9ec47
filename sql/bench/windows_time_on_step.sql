-- one row is: a step
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
    quantile_cont(dwell_s, [0.5, 0.9]) as quantiles
from walked
group by step;
