-- one row is: a step and how many people visited it that day
-- parameters: none
-- from: window_steps (of one day), robots
-- read by: user_intel/segment/features.py
with visited as (
    select
        step,
        user_id
    from window_steps
    where user_id not in (select robots.user_id from robots)
    group by step, user_id
)

select
    step,
    count(*) as users
from visited
group by step;
