// title: The circles people walk from a step back to it
// explanation: Ways from a visit of the step to the next one in the same session, over 1 to 3 other steps, each
//   different.
// one row is: a circle: cycle (list of steps, the step first and last), sessions, times, of_sessions (sessions looked
//   at: those that came to the step)
// parameters:
//   step (step, e.g. /cart): The step that circles lead through.
// limit: 20
// from: chains (Event), about 1200 visits of step
// read by: user_intel/graph/questions.py
UNWIND range(0, $buckets - 1) AS bucket
MATCH (begin:Event {step: $step, bucket: bucket})
WHERE begin.day IN $days
MATCH (begin)-[:NEXT*0..4]->(visit)
WITH begin.session AS session, begin.position AS position, begin.nth AS nth, visit
ORDER BY visit.position
WITH session, position, nth, collect(visit.step) AS walked
WITH session, nth, walked, head([place IN range(1, size(walked) - 1) WHERE walked[place] = $step]) AS place
WITH session, nth, walked, CASE WHEN place = 4 AND walked[1] = walked[3] THEN null ELSE place END AS place
WITH session, nth, CASE WHEN place IS NULL THEN null ELSE walked[0..place + 1] END AS cycle
WITH cycle, count(DISTINCT session) AS sessions, count(*) AS times,
     sum(CASE WHEN nth = 1 THEN 1 ELSE 0 END) AS first_visits
WITH collect({cycle: cycle, sessions: sessions, times: times}) AS found, sum(first_visits) AS of_sessions
UNWIND found AS row
WITH row, of_sessions
WHERE row.cycle IS NOT NULL
RETURN row.cycle AS cycle, row.sessions AS sessions, row.times AS times, of_sessions
ORDER BY sessions DESC, times DESC, cycle
LIMIT $limit
