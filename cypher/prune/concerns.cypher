// one row is: nothing; what pain points were told to be and to concern on the day is gone
// parameters: $day
// from: (:PainPoint)-[:SEEN]->(:Day)
// read by: user_intel/graph/pruning.py
MATCH (:Day {day: $day})<-[seen:SEEN]-(p:PainPoint)
OPTIONAL MATCH (p)-[concerns:CONCERNS {day: $day}]->(:Step)
OPTIONAL MATCH (p)<-[about:ABOUT {day: $day}]-(:Insight)
DELETE concerns, about, seen
