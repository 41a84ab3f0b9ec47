// one row is: the answer 1, which says that the database is there and may be read
// parameters: none
// from: nothing
// read by: user_intel/graph/connection.py
RETURN 1 AS answer
