-- one row is: what else detect found and takes for the same problem
-- parameters: $day, $pain_point_id, $place (its number in the list, from 0)
-- from: pain_points
-- read by: user_intel/explain/proof.py
-- the linter does not read all of DuckDB's wording here -- noqa: disable=all
with found as (
    select from_json(facts -> 'also', '["json"]')[$place::integer + 1] as also
    from pain_points
    where day = $day::date and pain_point_id = $pain_point_id
)

select
    also ->> 'kind' as kind,
    also ->> 'subject' as subject,
    also ->> 'segment' as segment,
    (also ->> 'value')::double as value,
    (also ->> 'expected')::double as expected
from found;
