-- one row is: a way back to where it began
-- parameters: none
-- from: steps, as if their order and next step were not stored
-- read by: user_intel/bench/peer.py (plain DuckDB)
-- the linter does not read all of DuckDB's wording here -- noqa: disable=all
with ahead as (
    select
        session_id,
        user_id,
        step as s0,
        lead(step, 1) over own_session as s1,
        lead(step, 2) over own_session as s2,
        lead(step, 3) over own_session as s3,
        lead(step, 4) over own_session as s4
    from steps
    window own_session as (partition by session_id order by entered_at, position)
),

rings as (
    select
        session_id,
        user_id,
        case when s2 = s0 then [s0, s1] when s3 = s0 then [s0, s1, s2] when s4 = s0 and s1 <> s3 then [s0, s1, s2, s3] end as ring
    from ahead
)

select
    ring[list_position(ring, list_min(ring)):] || ring[:list_position(ring, list_min(ring)) - 1] as cycle,
    count(distinct session_id) as sessions,
    count(distinct user_id) as users,
    count(*) as count
from rings
where ring is not null
group by cycle;
