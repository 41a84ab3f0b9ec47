-- one row is: a visit of a session of the sample; all visits of such a session are here
-- parameters: $every (of so many sessions one is looked at)
-- from: flow_steps
-- read by: user_intel/detect/flow_mining.py
-- the linter does not read all of DuckDB's wording here -- noqa: disable=all
create or replace temp table flow_visits as
select
    hash(session_id) as session,
    position,
    step
from flow_steps
where hash(session_id) % $every = 0;
