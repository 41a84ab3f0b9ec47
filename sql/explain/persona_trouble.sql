-- one row is: how many users of a persona met a pain point, beside all other users
-- parameters: $day, $cluster_key, $pain_point_id
-- from: cluster_profiles
-- read by: user_intel/explain/proof.py
-- the linter does not read all of DuckDB's wording here -- noqa: disable=all
with troubles as (
    select unnest(from_json(pain_points, '["json"]')) as trouble
    from cluster_profiles
    where day = $day::date and cluster_key = $cluster_key
)

select
    (trouble ->> 'users')::bigint as users,
    (trouble ->> 'rate')::double as rate,
    (trouble ->> 'rest')::double as rest
from troubles
where trouble ->> 'pain_point_id' = $pain_point_id;
