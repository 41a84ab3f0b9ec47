-- one row is: a session that came to a goal, with the steps it visited before it came there first
-- parameters: $goals (steps), $most (sessions looked at per goal), $longest (visits looked at before it)
-- from: flow_visits
-- read by: user_intel/detect/flow_mining.py
-- the linter does not read all of DuckDB's wording here -- noqa: disable=all
with came as (
    select
        step as goal,
        session,
        min(position) as reached_at
    from flow_visits
    where list_contains($goals::varchar [], step)
    group by step, session
    qualify row_number() over (partition by step order by session) <= $most
)

select
    came.goal,
    list(visits.step order by visits.position) filter (
        where visits.position < came.reached_at and visits.position >= came.reached_at - $longest
    ) as way
from came
inner join flow_visits as visits using (session)
group by came.goal, came.session
order by came.goal, came.session;
