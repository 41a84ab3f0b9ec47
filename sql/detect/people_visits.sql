-- one row is: a visit of the window by a person
-- parameters: none
-- from: window_steps, robots
-- read by: user_intel/detect/scene.py
create or replace view people_steps as
select window_steps.*
from window_steps
anti join robots on window_steps.day = robots.day and window_steps.user_id = robots.user_id;
