-- one row is: how many sessions came how far
-- parameters: none (the four steps stand here)
-- from: steps, as if their order and next step were not stored
-- read by: user_intel/bench/peer.py (plain DuckDB)
with reached as (
    select
        *,
        min(case when step = '/step/0' then position end) over (partition by session_id) as p1
    from steps
),

further as (
    select
        *,
        min(case when step = '/step/1' and position > p1 then position end) over (partition by session_id) as p2
    from reached
),

third as (
    select
        *,
        min(case when step = '/step/2' and position > p2 then position end) over (partition by session_id) as p3
    from further
),

fourth as (
    select
        *,
        min(case when step = '/step/5' and position > p3 then position end) over (partition by session_id) as p4
    from third
)

select
    count(p1) as entered,
    count(p2) as second,
    count(p3) as third,
    count(p4) as fourth
from fourth
where position = 1;
