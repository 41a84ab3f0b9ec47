// one row is: nothing; no day is known any more, and nobody writes
// parameters: none
// from: (:Day), (:Writer)
// read by: user_intel/bench/graph_load.py
MATCH (n)
WHERE n:Day OR n:Writer
DETACH DELETE n
