-- one row is: the step of one page's address, before the product's path rules
-- parameters: $address
-- from: nothing; macros of sql/privacy/macros.sql and sql/extract/path_macros.sql
-- read by: user_intel/watch/page_steps.py
select page_path($address) as step;
