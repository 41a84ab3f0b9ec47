-- one row is: nothing; it makes this connection heed foreign keys, which SQLite otherwise does not
-- parameters: none
-- from: the SQLite state database
-- read by: user_intel/state/connection.py, once for each connection
pragma foreign_keys = on;
