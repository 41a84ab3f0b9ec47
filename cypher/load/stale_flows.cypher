// one row is: how many pairs of steps went, for the window has none of them any more
// parameters: $first_day, $last_day
// from: (:Step)-[:FLOW]->(:Step)
// read by: user_intel/graph/loading.py
MATCH (:Step)-[f:FLOW]->(:Step)
WHERE f.last_day <> $last_day OR f.first_day <> $first_day
DELETE f
RETURN count(*) AS gone
