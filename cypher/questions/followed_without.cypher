// title: How many come from one step to another later on without a third between
// explanation: A session counts when some visit of the first step is followed by one of the second within 50 visits,
//   and the third is not among those between.
// one row is: a day: day, of_sessions (sessions looked at: those that came to the first step), sessions that came to
//   the second without the third, share (sessions / of_sessions)
// parameters:
//   first (step, e.g. /cart): The step that comes first.
//   then (step, e.g. paid): The step that comes later.
//   without (step, e.g. /item): The step that must not lie between.
// limit: 31
// from: chains (Event), about 700 visits of first
// read by: user_intel/graph/questions.py
UNWIND range(0, $buckets - 1) AS bucket
MATCH (begin:Event {step: $first, bucket: bucket})
WHERE begin.day IN $days
OPTIONAL MATCH way = (begin)-[:NEXT*1..50]->(end)
WHERE end.step = $then AND none(visit IN nodes(way)[1..-1] WHERE visit.step IN [$without, $then, $first])
WITH begin.day AS day, count(DISTINCT begin.session) AS of_sessions,
     count(DISTINCT CASE WHEN way IS NULL THEN null ELSE begin.session END) AS sessions
RETURN day, of_sessions, sessions, toFloat(sessions) / of_sessions AS share
ORDER BY day DESC
LIMIT $limit
