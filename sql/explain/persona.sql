-- one row is: a persona's row of the day
-- parameters: $day, $cluster_key
-- from: cluster_profiles
-- read by: user_intel/explain/proof.py
select
    name,
    users,
    share,
    share_before,
    compared_with,
    first_day,
    status,
    goal_rate,
    goal_rest,
    return_rate,
    return_rest
from cluster_profiles
where day = $day::date and cluster_key = $cluster_key;
