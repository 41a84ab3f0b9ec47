// one row is: a day on which one of the users had a session
// parameters: $users
// from: (:User)-[:HAD]->(:Session)
// read by: user_intel/graph/forgetting.py
UNWIND $users AS user_id
MATCH (:User {user_id: user_id})-[:HAD]->(s:Session)
RETURN DISTINCT s.day AS day
