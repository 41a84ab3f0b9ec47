// one row is: the visits of the day's sessions, followed from the first to the last
// parameters: $day
// from: (:Session)-[:FIRST]->(:Event)-[:NEXT]->(:Event)-[:AT]->(:Step)
// read by: user_intel/graph/checks.py
MATCH (:Session {day: $day})-[:FIRST]->(:Event)-[:NEXT*0..]->(:Event)-[:AT]->(p:Step)
RETURN count(p) AS visits
