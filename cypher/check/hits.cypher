// one row is: how often the day's sessions met pain points
// parameters: $day
// from: (:Session)-[:HIT]->(:PainPoint)
// read by: user_intel/graph/checks.py
MATCH (:Session {day: $day})-[hit:HIT]->(:PainPoint)
RETURN count(hit) AS hits
