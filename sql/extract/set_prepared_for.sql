-- one row is: nothing; it sets the variable that the other files read
-- parameters: $value
-- from: nothing
-- read by: user_intel/extract/normalise.py
set variable prepared_for = $value;
