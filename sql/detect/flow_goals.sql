-- one row is: a step, with how many sessions come to it and how late in them
-- parameters: none
-- from: flow_visits
-- read by: user_intel/detect/flow_mining.py
-- the linter does not read all of DuckDB's wording here -- noqa: disable=all
with came as (
    select
        step,
        session,
        min(position) as first_position,
        max(position) as last_position
    from flow_visits
    group by step, session
),

lengths as (
    select
        session,
        max(position) as step_count
    from flow_visits
    group by session
)

select
    came.step,
    count(*) as sessions,
    count(*) / (select count(*) from lengths) as share,
    avg(came.first_position / lengths.step_count) as lateness,
    -- at most one step follows: a receipt, the way home
    avg((lengths.step_count - came.last_position <= 1)::int) as ending
from came
inner join lengths using (session)
group by came.step
order by came.step;
