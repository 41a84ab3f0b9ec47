-- one row is: a step after one path rule
-- parameters: $step, $match, $replace
-- from: nothing
-- read by: user_intel/watch/page_steps.py
select regexp_replace($step, $match, $replace, 'g') as step;
