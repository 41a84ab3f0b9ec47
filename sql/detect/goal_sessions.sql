-- one row is: a session of the window that reached the goal of a flow
-- parameters: $goals (last steps of the flows)
-- from: session_steps
-- read by: user_intel/detect/scene.py
create or replace table goal_sessions as
select
    session,
    step_no as goal_no
from session_steps
where step_no in (select hash(unnest($goals::varchar[])));
