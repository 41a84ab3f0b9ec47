-- one row is: an event of an intricate user with the number of its session
-- parameters: none
-- from: broken_events in stored order (see keep_order.sql), cap_cuts
-- read by: user_intel/journeys/build.py
-- the linter does not read all of DuckDB's wording here -- noqa: disable=all
create or replace table placed_events as
with cut as (
    select
        e.*,
        e.breaks or (c.cut_at is not null and e.prior_at < e."at") as starts
    from broken_events as e
    left join cap_cuts as c on e.chain_no = c.chain_no and e."at" = c.cut_at
)

select
    * exclude (prior_at, breaks),
    count(case when starts then 1 end) over (rows unbounded preceding) as session_no
from cut;
