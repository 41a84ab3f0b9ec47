-- one row is: a visit, in the order in which the unit (session or user) made its visits; code 0 is a step not asked for
-- parameters: $names (steps, the first has code 1), $by_user, $every_visit (those of code 0 too), $first_day, $last_day
-- from: funnel_steps
-- read by: user_intel/detect/funnels.py
-- the linter does not read all of DuckDB's wording here -- noqa: disable=all
with wanted as (
    select
        unnest($names::varchar []) as step,
        generate_subscripts($names::varchar [], 1) as code
)

select
    hash(if($by_user, visits.user_id, visits.session_id)) as unit,
    hash(visits.session_id) as session,
    coalesce(wanted.code, 0)::usmallint as code,
    epoch_us(visits.entered_at) as at_us
from funnel_steps as visits
left join wanted on visits.step = wanted.step
where
    visits.day between $first_day and $last_day
    and ($every_visit or wanted.code is not null)
order by unit, if($by_user, at_us, 0), visits.position, session;
