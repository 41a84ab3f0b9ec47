-- one row is: the day in figures: of all its sessions, and of those whose chains are loaded
-- parameters: none
-- from: day_sessions, day_steps, chosen_sessions
-- read by: user_intel/graph/day_rows.py
with everybody as (
    select
        count(*) as lake_sessions,
        count(distinct user_id) as lake_users
    from day_sessions
),

visits as (
    select count(*) as lake_visits
    from day_steps
),

chosen as (
    select
        count(*) as sessions,
        count(distinct user_id) as users,
        count(*) filter (where step_count > 0) as walks,
        coalesce(sum(step_count), 0)::bigint as visits
    from chosen_sessions
)

select *
from everybody
cross join visits
cross join chosen;
