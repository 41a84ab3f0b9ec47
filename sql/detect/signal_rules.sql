-- one row is: nothing; it gives the connection the day, the product's thresholds and what else signals are judged by
-- parameters: $rules, a struct
-- from: nothing
-- read by: user_intel/detect/frustration_signals.py
-- noqa: disable=LT05
set variable signal_rules = $rules;
