-- one row is: a step and the step visited right after it, for each day
-- parameters: none
-- from: steps
-- read by: user_intel/journeys/transitions.py
select
    day,
    step as from_step,
    next_step as to_step,
    -- 64-bit digests: a million distinct integers count three times faster than strings
    count(distinct hash(session_id)) as sessions,
    count(distinct hash(user_id)) as users,
    count(*) as count,
    median(dwell_s) as median_gap_s
from steps
where next_step is not null
group by day, step, next_step;
