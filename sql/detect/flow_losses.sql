-- one row is: a flow, with the sessions of the window that set foot in it and those that reached its goal
-- parameters: none
-- from: flow_places (flow, step, goal), session_steps, goal_sessions
-- read by: user_intel/detect/evidence.py
with entered as (
    select distinct
        flow_places.flow,
        flow_places.goal,
        session_steps.session
    from flow_places
    inner join session_steps on hash(flow_places.step) = session_steps.step_no
    where flow_places.step <> flow_places.goal
)

select
    entered.flow,
    count(*) as entered,
    count(reached.session) as reached
from entered
left join goal_sessions as reached
    on entered.session = reached.session and hash(entered.goal) = reached.goal_no
group by entered.flow;
