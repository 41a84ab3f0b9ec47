// one row is: how many insights went that are about no pain point any more
// parameters: none
// from: (:Insight)
// read by: user_intel/graph/pruning.py
MATCH (i:Insight)
WHERE NOT (i)-[:ABOUT]->(:PainPoint)
DETACH DELETE i
RETURN count(*) AS gone
