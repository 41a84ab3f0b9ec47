// one row is: the pain points seen on the day
// parameters: $day
// from: (:PainPoint)-[:SEEN]->(:Day)
// read by: user_intel/graph/checks.py
MATCH (p:PainPoint)-[:SEEN]->(:Day {day: $day})
RETURN count(DISTINCT p) AS pain_points
