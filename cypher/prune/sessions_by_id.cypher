// one row is: a session that is there under one of the ids, and its user
// parameters: $ids
// from: (:User)-[:HAD]->(:Session)
// read by: user_intel/graph/pruning.py
UNWIND $ids AS id
MATCH (s:Session {session_id: id})
OPTIONAL MATCH (u:User)-[:HAD]->(s)
RETURN s.session_id AS session_id, u.user_id AS user_id
