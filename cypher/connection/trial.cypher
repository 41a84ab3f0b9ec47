// one row is: the answer 1, when a node may be made; the transaction is rolled back
// parameters: none
// from: nothing
// read by: user_intel/graph/connection.py
CREATE (trial)
RETURN count(trial) AS answer
