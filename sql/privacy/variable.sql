-- one row is: nothing; it sets a variable of the connection, which patterns need so that they are compiled once
-- parameters: name_of_the_variable, replaced by a name written in the code (SET binds none); $value
-- from: nothing
-- read by: user_intel/privacy.py
set variable name_of_the_variable = $value;
