// title: Where people come from to a step, with shares
// explanation: Of all sessions that came to the step, how many came from each step before, or began there. A session
//   that came several times may have come several ways, so that shares may add up to more than 1.
// one row is: a step before (nothing: the session began there): previous_step, sessions, share of the step's
//   sessions, times
// parameters:
//   step (step, e.g. /cart): The step people come to.
// limit: 20
// from: aggregates (StepDay, TRANSITION)
// read by: user_intel/graph/questions.py
MATCH (:Step {name: $step})-[:ON]->(here:StepDay)
WHERE here.day IN $days
WITH collect(here) AS days_here, sum(here.sessions) AS step_sessions, sum(here.entries) AS entries
UNWIND days_here AS here
OPTIONAL MATCH (here)<-[way:TRANSITION]-(before:StepDay)
WITH step_sessions, entries, before.step AS previous_step, sum(way.sessions) AS sessions, sum(way.count) AS times
WITH step_sessions, entries, collect({previous_step: previous_step, sessions: sessions, times: times}) AS found
UNWIND found + [{previous_step: null, sessions: entries, times: entries}] AS row
WITH row, step_sessions
WHERE row.sessions > 0
RETURN row.previous_step AS previous_step, row.sessions AS sessions, toFloat(row.sessions) / step_sessions AS share,
       row.times AS times
ORDER BY sessions DESC, previous_step
LIMIT $limit
