-- one row is: a position and a step (null: the journey had ended before), with the share of journeys that were there
-- parameters: $positions (how many positions)
-- from: steps
-- read by: user_intel/journeys/questions.py
-- noqa: disable=AM03
with visits as (
    select
        position,
        step,
        count(*) as sessions
    from steps
    where position <= $positions
    group by position, step
),

journeys as (
    select sum(sessions)::bigint as sessions
    from visits
    where position = 1
),

ended as (
    select
        p.position::integer as position,
        null as step,
        any_value(journeys.sessions) - coalesce(sum(visits.sessions), 0) as sessions
    from range(1, $positions + 1) as p (position)
    cross join journeys
    left join visits on p.position = visits.position
    where journeys.sessions > 0
    group by p.position
),

everybody as (
    from visits
    union all
    from ended
)

select
    everybody.position,
    everybody.step,
    everybody.sessions::bigint as sessions,
    everybody.sessions / journeys.sessions as share
from everybody
cross join journeys
where everybody.sessions > 0
order by everybody.position, everybody.sessions desc, everybody.step;
