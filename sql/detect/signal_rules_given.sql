-- one row is: the rules that the connection was given last, null where it was given none
-- parameters: variable signal_rules
-- from: nothing
-- read by: user_intel/detect/frustration_signals.py
select getvariable('signal_rules') as rules;
