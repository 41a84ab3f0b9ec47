// title: One session from its first step to its last
// explanation: Every visit of the session in order. sessions_at and sessions_with find sessions to look at.
// one row is: a visit: position, step, entered_at (UTC), dwell_s (nothing on the last), nth (the how many-th visit of
//   that step)
// parameters:
//   session (session, e.g. 2026-03-29-3): The session_id, as in the lake's sessions.
// limit: 500
// from: chains (Session, Event), whatever the days
// read by: user_intel/graph/questions.py
MATCH (:Session {session_id: $session})-[:FIRST]->(begin:Event)
MATCH (begin)-[:NEXT*0..]->(visit:Event)
RETURN visit.position AS position, visit.step AS step, visit.at AS entered_at, visit.dwell_s AS dwell_s,
       visit.nth AS nth
ORDER BY position
LIMIT $limit
