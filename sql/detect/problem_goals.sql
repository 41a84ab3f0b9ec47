-- one row is: a problem and the goal of a flow it lies on: how many sessions reached it, of those hit and of the others
-- parameters: none
-- from: wanted_goals (problem_no, flow, goal), problem_units, problem_hits, goal_sessions
-- read by: user_intel/detect/evidence.py
-- noqa: disable=AM03
with told as (
    select
        wanted_goals.problem_no,
        wanted_goals.flow,
        hit.session is not null as is_hit,
        reached.session is not null as reached
    from wanted_goals
    inner join problem_units as units on wanted_goals.problem_no = units.problem_no
    left join problem_hits as hit on units.problem_no = hit.problem_no and units.session = hit.session
    left join goal_sessions as reached
        on units.session = reached.session and hash(wanted_goals.goal) = reached.goal_no
)

select
    problem_no,
    flow,
    count(case when is_hit then 1 end) as hit_sessions,
    count(case when is_hit and reached then 1 end) as hit_reached,
    count(case when not is_hit then 1 end) as other_sessions,
    count(case when not is_hit and reached then 1 end) as other_reached
from told
group by problem_no, flow
order by problem_no, flow;
