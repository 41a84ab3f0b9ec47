// title: How many come from one step to another later on without a third between
// explanation: A session counts when some visit of the first step is followed by one of the second within 50 visits,
//   and the third is not among those between.
// one row is: all of it: of_sessions (sessions looked at: those that came to the first step), sessions that came to the
//   second without the third, share (sessions / of_sessions)
// parameters:
//   first (step, e.g. /cart): The step that comes first.
//   then (step, e.g. paid): The step that comes later.
//   without (step, e.g. /item): The step that must not lie between.
// limit: 1
// from: chains (Event), about 1000 visits of first
// read by: user_intel/graph/questions.py
UNWIND range(0, $buckets - 1) AS bucket
MATCH (begin:Event {step: $first, bucket: bucket})
WHERE begin.day IN $days
MATCH (begin)-[:NEXT*0..50]->(visit)
WITH begin.session AS session, begin.position AS position, visit
ORDER BY visit.position
WITH session, position, collect(visit.step) AS walked
WITH session, head([place IN range(1, size(walked) - 1)
                    WHERE walked[place] IN [$then, $without, $first] | walked[place]]) AS next_of_them
WITH count(DISTINCT session) AS of_sessions,
     count(DISTINCT CASE WHEN next_of_them = $then THEN session ELSE null END) AS sessions
WHERE of_sessions > 0
RETURN of_sessions, sessions, toFloat(sessions) / of_sessions AS share
LIMIT $limit
