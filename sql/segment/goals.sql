-- one row is: a persona (null: users of none): users who may reach a goal, and those who did
-- parameters: none
-- from: members (user_id, cluster_key), features (user_id, goal_share)
-- read by: user_intel/segment/outcomes.py
select
    members.cluster_key,
    count(features.goal_share)::bigint as users,
    count(case when features.goal_share > 0 then 1 end)::bigint as reached
from members
inner join features on members.user_id = features.user_id
group by members.cluster_key;
