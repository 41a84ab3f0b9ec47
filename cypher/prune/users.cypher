// one row is: how many of the users went, for they have no session left
// parameters: $users
// from: (:User)
// read by: user_intel/graph/pruning.py
UNWIND $users AS user_id
MATCH (u:User {user_id: user_id})
WHERE NOT (u)-[:HAD]->(:Session)
DETACH DELETE u
RETURN count(*) AS gone
