// title: The paths by which sessions end soon after a step
// explanation: What sessions still did between their last visit of the step and their end, where that was near.
//   Sessions that went on for longer are among of_sessions and in no row.
// one row is: a path to the end of the session: path (list of steps, the step first), sessions, share of the sessions
//   looked at, of_sessions (how many these are)
// parameters:
//   step (step, e.g. /cart): The step.
//   depth (number, 0 to 4, default 3): How many steps further a session may have gone at most.
// limit: 20
// from: chains (Event), about 1200 visits of step
// read by: user_intel/graph/questions.py
UNWIND range(0, $buckets - 1) AS bucket
MATCH (here:Event {step: $step, bucket: bucket})
WHERE here.day IN $days
MATCH (here)-[:NEXT*0..5]->(visit)
WHERE visit.position <= here.position + $depth + 1
WITH here.session AS session, here.position AS position, here.nth AS nth, visit
ORDER BY visit.position
WITH session, position, nth, collect(visit.step) AS walked
WITH nth, CASE WHEN size(walked) > $depth + 1 OR $step IN walked[1..] THEN null ELSE walked END AS path
WITH path, count(*) AS sessions, sum(CASE WHEN nth = 1 THEN 1 ELSE 0 END) AS first_visits
WITH collect({path: path, sessions: sessions}) AS found, sum(first_visits) AS of_sessions
UNWIND found AS row
WITH row, of_sessions
WHERE row.path IS NOT NULL
RETURN row.path AS path, row.sessions AS sessions, toFloat(row.sessions) / of_sessions AS share, of_sessions
ORDER BY sessions DESC, path
LIMIT $limit
