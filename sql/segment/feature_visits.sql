-- one row is: a visit of a step by a person of the range, its names as numbers
-- parameters: none
-- from: range_steps, window_robots, kept_steps
-- read by: user_intel/segment/features.py
create or replace table feature_visits as
select
    hash(range_steps.user_id) as user_no,
    hash(range_steps.session_id) as session,
    hash(range_steps.step) as step_hash,
    kept_steps.step_no,
    range_steps.position,
    range_steps.dwell_s
from range_steps
anti join window_robots
    on range_steps.day = window_robots.day and range_steps.user_id = window_robots.user_id
left join kept_steps on range_steps.step = kept_steps.step;
