-- one row is: nothing; it sets the variable that the macros read
-- parameters: $value
-- from: nothing
-- read by: user_intel/privacy.py, once for each connection
set variable denied = $value;
