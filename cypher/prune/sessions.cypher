// one row is: how many sessions went, whose visits must be gone before
// parameters: $ids
// from: (:Session)
// read by: user_intel/graph/pruning.py
UNWIND $ids AS id
MATCH (s:Session {session_id: id})
DETACH DELETE s
RETURN count(*) AS gone
