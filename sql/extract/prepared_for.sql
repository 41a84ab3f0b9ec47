-- one row is: which normaliser and source the connection is prepared for
-- parameters: none
-- from: the variable that set_prepared_for.sql sets
-- read by: user_intel/extract/normalise.py
select getvariable('prepared_for');
