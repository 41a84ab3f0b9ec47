-- one row is: a session with so many visits to steps it had visited before that it may have gone in circles
-- parameters: $rounds
-- from: feature_visits, range_steps
-- read by: user_intel/segment/features.py
create or replace table looping_sessions as
with circling as (
    select session
    from feature_visits
    group by session
    -- the shortest cycle, of two steps, and the visit that closes its last round
    having count(*) - count(distinct step_hash) >= ($rounds - 1) * 2 + 1
)

select distinct range_steps.session_id
from range_steps
where hash(range_steps.session_id) in (select circling.session from circling);
