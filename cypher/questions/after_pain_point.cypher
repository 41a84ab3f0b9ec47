// title: What users who met a pain point did next
// explanation: In each session that met the pain point, the steps after its first visit of one of the pain point's
//   steps; shorter where the session ended sooner.
// one row is: a path: path (list of steps, that of the pain point first), sessions, share of the sessions looked at,
//   of_sessions (how many these are: those that met it and came to one of its steps)
// parameters:
//   pain_point (pain_point, e.g. 3f9a41c07be2): Its pain_point_id: user-intel pain-points --json tells it.
//   depth (number, 1 to 4, default 2): How many steps further.
// limit: 20
// from: chains (Session, Event, PainPoint), about 300 sessions of pain_point
// read by: user_intel/graph/questions.py
MATCH (problem:PainPoint {pain_point_id: $pain_point})-[:CONCERNS]->(place:Step)
WITH problem, collect(DISTINCT place.name) AS places
MATCH (problem)<-[:HIT]-(session:Session)
WHERE session.bucket < $buckets AND session.day IN $days
WITH DISTINCT session, places
MATCH (session)-[:FIRST]->(first:Event)
MATCH (first)-[:NEXT*0..]->(here:Event)
WHERE here.step IN places AND here.nth = 1
WITH session, here
ORDER BY here.position
WITH session, head(collect(here)) AS begin
MATCH way = (begin)-[:NEXT*0..4]->(end)
WHERE length(way) = $depth OR (length(way) < $depth AND NOT EXISTS { (end)-[:NEXT]->() })
WITH [visit IN nodes(way) | visit.step] AS path, count(*) AS sessions
WITH collect({path: path, sessions: sessions}) AS found, sum(sessions) AS of_sessions
UNWIND found AS row
RETURN row.path AS path, row.sessions AS sessions, toFloat(row.sessions) / of_sessions AS share, of_sessions
ORDER BY sessions DESC, path
LIMIT $limit
