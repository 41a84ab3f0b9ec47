-- one row is: a persona (null: users of none): users seen early in the window, and those seen again late in it
-- parameters: $early_until, $late_from (days)
-- from: members (user_id, cluster_key), window_sessions
-- read by: user_intel/segment/outcomes.py
with seen as (
    select
        members.user_id,
        members.cluster_key,
        min(window_sessions.day) as first_day,
        max(window_sessions.day) as last_day
    from window_sessions
    inner join members on window_sessions.user_id = members.user_id
    group by members.user_id, members.cluster_key
)

select
    cluster_key,
    count(case when first_day <= $early_until then 1 end)::bigint as early,
    count(case when first_day <= $early_until and last_day >= $late_from then 1 end)::bigint as returned
from seen
group by cluster_key;
