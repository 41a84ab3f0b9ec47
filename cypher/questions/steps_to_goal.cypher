// title: Steps that sessions with a goal visit more than those without
// explanation: Sessions that reached the goal of a flow beside all others, step by step. Whatever comes only after
//   the goal leads the list: it tells what goes together, not what is the cause.
// one row is: a step: step, with_goal and without_goal (sessions that visited it and reached the goal, or did not),
//   share_with and share_without (of all sessions looked at that did, or did not), of_with and of_without (how many
//   these are)
// parameters:
//   flow (flow, e.g. purchase): The flow whose goal was reached, as in the goals of the lake's sessions.
// limit: 20
// from: chains (Session, Event), about 400 sessions of all
// read by: user_intel/graph/questions.py
MATCH (session:Session)
WHERE session.bucket IN range(0, $buckets - 1) AND session.day IN $days
WITH session, CASE WHEN $flow IN session.goals THEN 1 ELSE 0 END AS reached
WITH collect({session: session, reached: reached}) AS looked_at, sum(reached) AS of_with, count(*) AS of_all
UNWIND looked_at AS one
WITH one.session AS session, one.reached AS reached, of_with, of_all - of_with AS of_without
MATCH (session)-[:FIRST]->(begin:Event)
MATCH (begin)-[:NEXT*0..]->(visit:Event)
WHERE visit.nth = 1
WITH visit.step AS step, sum(reached) AS with_goal, count(*) AS visited, of_with, of_without
WITH step, with_goal, visited - with_goal AS without_goal, of_with, of_without
WHERE with_goal > 0
RETURN step, with_goal, without_goal, toFloat(with_goal) / of_with AS share_with,
       CASE WHEN of_without = 0 THEN null ELSE toFloat(without_goal) / of_without END AS share_without,
       of_with, of_without
ORDER BY with_goal * of_without - without_goal * of_with DESC, step
LIMIT $limit
