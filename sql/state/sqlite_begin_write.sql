-- one row is: nothing; it begins a transaction as one of the writers in turn, so that what it reads holds
-- parameters: none
-- from: the SQLite state database
-- read by: user_intel/state/connection.py, before each writing
-- noqa: disable=all
begin immediate;
