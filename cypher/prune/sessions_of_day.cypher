// one row is: a session of the day and its user
// parameters: $day, $sessions (at most so many)
// from: (:User)-[:HAD]->(:Session)
// read by: user_intel/graph/pruning.py
MATCH (s:Session {day: $day})
WITH s
LIMIT $sessions
OPTIONAL MATCH (u:User)-[:HAD]->(s)
RETURN s.session_id AS session_id, u.user_id AS user_id
