-- one row is: what the connection was prepared for, null at first
-- parameters: none
-- from: the variable prepared_for
-- read by: user_intel/privacy.py
select getvariable('prepared_for');
