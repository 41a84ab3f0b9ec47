// one row is: how many visits of the sessions went
// parameters: $ids (of sessions)
// from: (:Session)-[:FIRST]->(:Event)-[:NEXT]->(:Event)
// read by: user_intel/graph/pruning.py
UNWIND $ids AS id
MATCH (:Session {session_id: id})-[:FIRST]->(:Event)-[:NEXT*0..]->(e:Event)
DETACH DELETE e
RETURN count(*) AS gone
