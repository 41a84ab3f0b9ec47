-- one row is: two steps of a circle, and the sessions that went from one to the other
-- parameters: $steps
-- from: circle_sessions, circle_steps (sessions and steps of the window)
-- read by: user_intel/detect/illustration.py
select
    circle_steps.step as from_step,
    circle_steps.next_step as to_step,
    count(distinct circle_steps.session_id) as sessions
from circle_steps
inner join circle_sessions on circle_steps.session_id = circle_sessions.session_id
where list_contains($steps, circle_steps.step) and list_contains($steps, circle_steps.next_step)
group by circle_steps.step, circle_steps.next_step
order by from_step, to_step;
