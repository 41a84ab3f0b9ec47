-- one row is: a session that visited the last step of a flow, with the names of all such flows, sorted
-- parameters: variable rules (flows and goal_steps, lists of equal length)
-- from: day_steps (the steps just written)
-- read by: user_intel/journeys/build.py, when the product names flows
create or replace table goals_reached as
with goals as (
    select
        unnest(getvariable('rules').flows) as flow,
        unnest(getvariable('rules').goal_steps) as step
)

select
    day_steps.session_id,
    list_sort(list(distinct goals.flow)) as goals
from day_steps
inner join goals using (step)
group by day_steps.session_id;
