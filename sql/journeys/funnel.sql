-- one row is: a step of the funnel, with the sessions that came to it in order and those that went on to the next
-- parameters: $funnel (steps in order, each once)
-- from: steps
-- read by: user_intel/journeys/questions.py
-- the linter does not read all of DuckDB's wording here -- noqa: disable=all
with wanted as (
    select
        unnest($funnel::varchar []) as step,
        generate_subscripts($funnel::varchar [], 1) as place
),

matched as (
    select
        hash(steps.session_id) as session_hash,
        -- position and place in one integer, so that one sort of small lists orders both
        list_sort(list(steps.position::bigint * 256 + wanted.place)) as marks
    from steps
    inner join wanted using (step)
    group by hash(steps.session_id)
),

deepest as (
    -- always the earliest match of the next place: no other choice ever gets further
    select
        list_reduce(marks, lambda depth, mark: if(mark % 256 = depth + 1, depth + 1, depth), 0::bigint) as depth,
        count(*) as sessions
    from matched
    group by depth
),

reached as (
    select
        wanted.place,
        wanted.step,
        coalesce(sum(deepest.sessions) filter (where deepest.depth >= wanted.place), 0)::bigint as entered
    from wanted
    cross join deepest
    group by wanted.place, wanted.step
)

select
    place::integer as position,
    step,
    entered,
    lead(entered) over (order by place) as converted,
    lead(entered) over (order by place) / nullif(entered, 0) as step_conversion,
    entered / nullif(first_value(entered) over (order by place), 0) as overall_conversion
from reached
order by place;
