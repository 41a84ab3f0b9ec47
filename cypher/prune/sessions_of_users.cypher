// one row is: a session of one of the users
// parameters: $users, $sessions (at most so many)
// from: (:User)-[:HAD]->(:Session)
// read by: user_intel/graph/pruning.py
UNWIND $users AS user_id
MATCH (u:User {user_id: user_id})-[:HAD]->(s:Session)
RETURN s.session_id AS session_id, user_id AS user_id
LIMIT $sessions
