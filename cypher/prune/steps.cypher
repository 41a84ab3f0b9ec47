// one row is: how many steps went that are of no day and concern no pain point any more
// parameters: none
// from: (:Step)
// read by: user_intel/graph/pruning.py
MATCH (p:Step)
WHERE NOT (p)-[:ON]->(:StepDay) AND NOT (p)<-[:CONCERNS]-(:PainPoint)
DETACH DELETE p
RETURN count(*) AS gone
