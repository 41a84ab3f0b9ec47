-- one row is: nothing; it begins a transaction that sees one moment and lets others write
-- parameters: none
-- from: the SQLite state database
-- read by: user_intel/state/connection.py, before each reading
-- noqa: disable=all
begin deferred;
