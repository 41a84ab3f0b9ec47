-- one row is: a flow with pain points: conversions they claim it lost, and sessions of the window that really were lost
-- parameters: none
-- from: check_pain_points, check_funnels (of a day), check_steps (of the window that ends there)
-- read by: user_intel/detect/checks.py
with claims as (
    select
        flow,
        sum(lost_conversions) as claimed
    from check_pain_points
    where lost_conversions > 0
    group by flow
),

places as (
    select distinct
        check_funnels.flow,
        check_funnels.step,
        check_funnels.position = max(check_funnels.position) over (partition by check_funnels.flow) as is_goal
    from check_funnels
    inner join claims on check_funnels.flow = claims.flow
    where check_funnels.segment = 'all'
),

came as (
    select
        places.flow,
        check_steps.session_id,
        bool_or(places.is_goal) as reached,
        bool_or(not places.is_goal) as entered
    from check_steps
    inner join places on check_steps.step = places.step
    group by places.flow, check_steps.session_id
)

select
    claims.flow,
    claims.claimed,
    count(came.session_id) filter (where came.entered and not came.reached) as lost
from claims
inner join came on claims.flow = came.flow
group by claims.flow, claims.claimed;
