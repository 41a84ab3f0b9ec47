-- one row is: a step, with the sessions that came to it and those that ended on it
-- parameters: none
-- from: steps
-- read by: user_intel/journeys/questions.py
-- noqa: disable=AM03
with counted as (
    select
        step,
        count(distinct hash(session_id)) as arrivals,
        count(*) filter (where next_step is null) as exits
    from steps
    group by step
)

select
    step,
    arrivals,
    exits,
    exits / arrivals as exit_rate
from counted
order by arrivals desc, step;
