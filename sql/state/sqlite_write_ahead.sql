-- one row is: the journal mode that came of it; with a write-ahead log readers and a writer do not wait for each other
-- parameters: none
-- from: the SQLite state database, which keeps the mode
-- read by: user_intel/state/migrating.py, when the database is new or older than the code
pragma journal_mode = wal;
