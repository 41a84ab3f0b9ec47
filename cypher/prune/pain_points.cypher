// one row is: how many pain points went that were seen on no day any more
// parameters: none
// from: (:PainPoint)
// read by: user_intel/graph/pruning.py
MATCH (p:PainPoint)
WHERE NOT (p)-[:SEEN]->(:Day)
DETACH DELETE p
RETURN count(*) AS gone
