// title: Where people go from a step, with shares and time spent before
// explanation: Of all sessions that came to the step, how many went on to each next step, or ended there. A session
//   that came several times may have gone several ways, so that shares may add up to more than 1.
// one row is: a next step (nothing: the session ended): next_step, sessions, share of the step's sessions, times, and
//   typical_s, the mean of the days' median seconds spent on the step before, weighted by times
// parameters:
//   step (step, e.g. /cart): The step people leave.
// limit: 20
// from: aggregates (StepDay, TRANSITION)
// read by: user_intel/graph/questions.py
MATCH (:Step {name: $step})-[:ON]->(here:StepDay)
WHERE here.day IN $days
WITH collect(here) AS days_here, sum(here.sessions) AS step_sessions, sum(here.exits) AS exits
UNWIND days_here AS here
OPTIONAL MATCH (here)-[way:TRANSITION]->(next:StepDay)
WITH step_sessions, exits, next.step AS next_step, sum(way.sessions) AS sessions, sum(way.count) AS times,
     sum(way.median_gap_s * way.count) AS weighted_s
WITH step_sessions, exits,
     collect({next_step: next_step, sessions: sessions, times: times,
              typical_s: CASE WHEN times = 0 THEN null ELSE weighted_s / times END}) AS found
UNWIND found + [{next_step: null, sessions: exits, times: exits, typical_s: null}] AS row
WITH row, step_sessions
WHERE row.sessions > 0
RETURN row.next_step AS next_step, row.sessions AS sessions, toFloat(row.sessions) / step_sessions AS share,
       row.times AS times, row.typical_s AS typical_s
ORDER BY sessions DESC, next_step
LIMIT $limit
