-- one row is: a step with the number that stands for its name
-- parameters: none
-- from: window_steps
-- read by: user_intel/detect/window.py
create or replace table step_names as
select distinct
    hash(step) as step_no,
    step
from window_steps;
