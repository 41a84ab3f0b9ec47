-- one row is: a person of the range and a step: their visits there
-- parameters: none
-- from: feature_visits
-- read by: user_intel/segment/features.py
create or replace table user_places as
select
    user_no,
    step_hash,
    any_value(step_no) as step_no,
    count(*) as visits,
    count(distinct session) as sessions
from feature_visits
group by user_no, step_hash;
