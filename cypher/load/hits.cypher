// one row is: how many sessions were linked to what they met
// parameters: $rows (pain_point_id, session_id)
// from: (:Session), (:PainPoint)
// read by: user_intel/graph/linking.py
UNWIND $rows AS row
MATCH (s:Session {session_id: row.session_id})
MATCH (p:PainPoint {pain_point_id: row.pain_point_id})
CREATE (s)-[:HIT]->(p)
RETURN count(*) AS made
