-- one row is: how many users of the day are in a persona, and of all which share
-- parameters: $day, $cluster_key
-- from: user_clusters
-- read by: user_intel/explain/proof.py
select
    count(case when cluster_key = $cluster_key then 1 end) as users,
    count(*) as of_users,
    count(case when cluster_key = $cluster_key then 1 end) / count(*) as share
from user_clusters
where day = $day::date;
