-- one row is: a trait of a persona beside all other users
-- parameters: $day, $cluster_key, $feature
-- from: cluster_profiles
-- read by: user_intel/explain/proof.py
-- the linter does not read all of DuckDB's wording here -- noqa: disable=all
with traits as (
    select unnest(from_json(traits, '["json"]')) as trait
    from cluster_profiles
    where day = $day::date and cluster_key = $cluster_key
)

select
    trait ->> 'feature' as feature,
    (trait ->> 'mean')::double as mean,
    (trait ->> 'rest')::double as rest,
    (trait ->> 'median')::double as median,
    (trait ->> 'rest_median')::double as rest_median
from traits
where trait ->> 'feature' = $feature;
