// title: The different paths from one step to another
// explanation: What sessions did from a visit of the first step to their next visit of the second, with neither of
//   the two between, and at most 4 other steps.
// one row is: a path: path (list of steps), sessions, times, of_sessions (sessions looked at: those that came to the
//   first step)
// parameters:
//   from (step, e.g. /home): The step that paths begin at.
//   to (step, e.g. /cart): The step that paths end at; another one.
// limit: 20
// from: chains (Event), about 1200 visits of from
// read by: user_intel/graph/questions.py
UNWIND range(0, $buckets - 1) AS bucket
MATCH (begin:Event {step: $from, bucket: bucket})
WHERE begin.day IN $days
MATCH (begin)-[:NEXT*0..5]->(visit)
WITH begin.session AS session, begin.position AS position, begin.nth AS nth, visit
ORDER BY visit.position
WITH session, position, nth, collect(visit.step) AS walked
WITH session, nth, walked,
     head([place IN range(1, size(walked) - 1) WHERE walked[place] = $from OR walked[place] = $to]) AS place
WITH session, nth, CASE WHEN walked[place] = $to THEN walked[0..place + 1] ELSE null END AS path
WITH path, count(DISTINCT session) AS sessions, count(*) AS times,
     sum(CASE WHEN nth = 1 THEN 1 ELSE 0 END) AS first_visits
WITH collect({path: path, sessions: sessions, times: times}) AS found, sum(first_visits) AS of_sessions
UNWIND found AS row
WITH row, of_sessions
WHERE row.path IS NOT NULL
RETURN row.path AS path, row.sessions AS sessions, row.times AS times, of_sessions
ORDER BY sessions DESC, times DESC, path
LIMIT $limit
