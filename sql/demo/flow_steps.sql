-- one row is: a step of the flow, with the sessions that visited it and those that left the product there
-- parameters: $steps (names of the flow's steps, in order)
-- from: steps
-- read by: user_intel/terminal/demo.py
with flow as (
    select
        unnest($steps) as step,
        unnest(range(1, len($steps) + 1)) as place
)

select
    flow.step,
    count(distinct steps.session_id) as sessions,
    count(distinct steps.session_id) filter (where steps.next_step is null) as ended_here,
    median(steps.dwell_s) as median_dwell_s
from flow
left join steps on flow.step = steps.step
group by flow.place, flow.step
order by flow.place;
