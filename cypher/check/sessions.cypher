// one row is: the day's sessions, and the users that had them
// parameters: $day
// from: (:User)-[:HAD]->(:Session)
// read by: user_intel/graph/checks.py
MATCH (s:Session {day: $day})
OPTIONAL MATCH (u:User)-[:HAD]->(s)
RETURN count(s) AS sessions, count(DISTINCT u) AS users
