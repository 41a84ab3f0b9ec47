-- one row is: a step that features are told of one by one: those visited by most people on most days
-- parameters: $most
-- from: step_days
-- read by: user_intel/segment/features.py
create or replace table kept_steps as
select
    step,
    row_number() over (order by sum(users) desc, step asc)::integer as step_no
from step_days
group by step
qualify step_no <= $most;
