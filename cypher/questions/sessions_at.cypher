// title: Sessions that came to a step, to look at one by one
// explanation: Some sessions of the days that visited the step, the latest first. session_path shows one from
//   beginning to end.
// one row is: a session: session_id, started_at (UTC), step_count, entry_step, exit_step, goals reached
// parameters:
//   step (step, e.g. /cart): The step they visited.
// limit: 20
// from: chains (Session, Event), about 300 visits of step
// read by: user_intel/graph/questions.py
UNWIND range(0, $buckets - 1) AS bucket
MATCH (here:Event {step: $step, bucket: bucket})
WHERE here.nth = 1 AND here.day IN $days
MATCH (here)<-[:NEXT*0..]-(begin:Event)
WHERE begin.position = 1
MATCH (begin)<-[:FIRST]-(session:Session)
RETURN session.session_id AS session_id, session.started_at AS started_at, session.step_count AS step_count,
       session.entry_step AS entry_step, session.exit_step AS exit_step, session.goals AS goals
ORDER BY started_at DESC, session_id
LIMIT $limit
