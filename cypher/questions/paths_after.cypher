// title: The paths people take after a step
// explanation: From each session's first visit of the step, the steps that followed; shorter where the session ended
//   sooner.
// one row is: a path: path (list of steps, the step first), sessions, share of the sessions looked at, of_sessions
//   (how many these are)
// parameters:
//   step (step, e.g. /cart): The step that paths begin at.
//   depth (number, 1 to 4, default 3): How many steps further.
// limit: 20
// from: chains (Event), about 1500 visits of step
// read by: user_intel/graph/questions.py
UNWIND range(0, $buckets - 1) AS bucket
MATCH (begin:Event {step: $step, bucket: bucket})
WHERE begin.nth = 1 AND begin.day IN $days
MATCH (begin)-[:NEXT*0..4]->(visit)
WHERE visit.position <= begin.position + $depth
WITH begin.session AS session, visit
ORDER BY visit.position
WITH session, collect(visit.step) AS path
WITH path, count(*) AS sessions
WITH collect({path: path, sessions: sessions}) AS found, sum(sessions) AS of_sessions
UNWIND found AS row
RETURN row.path AS path, row.sessions AS sessions, toFloat(row.sessions) / of_sessions AS share, of_sessions
ORDER BY sessions DESC, path
LIMIT $limit
