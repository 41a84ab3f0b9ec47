-- one row is: a number among the facts of a pain point, as detect worked it out
-- parameters: $day, $pain_point_id, $fact_id
-- from: pain_points
-- read by: user_intel/explain/proof.py
-- the linter does not read all of DuckDB's wording here -- noqa: disable=all
with numbers as (
    select unnest(from_json(facts -> 'numbers', '["json"]')) as number
    from pain_points
    where day = $day::date and pain_point_id = $pain_point_id
)

select
    number ->> 'what' as what,
    (number ->> 'value')::double as value,
    number ->> 'unit' as unit,
    number ->> 'of' as of
from numbers
where number ->> 'id' = $fact_id;
