-- one row is: a persona (null: users of none) and a value of a segment property: its sessions, of all that have one
-- parameters: $property
-- from: members (user_id, cluster_key), window_values (user_id, value)
-- read by: user_intel/segment/outcomes.py
with counted as (
    select
        members.cluster_key,
        window_values.value,
        count(*) as sessions
    from window_values
    inner join members on window_values.user_id = members.user_id
    where window_values.value is not null
    group by members.cluster_key, window_values.value
)

select
    cluster_key,
    $property || '=' || value as segment,
    sessions::bigint as sessions,
    (sum(sessions) over (partition by cluster_key))::bigint as of_sessions,
    (sum(sessions) over (partition by value) - sessions)::bigint as rest,
    (sum(sessions) over () - sum(sessions) over (partition by cluster_key))::bigint as of_rest
from counted
order by cluster_key asc, sessions desc, value asc;
