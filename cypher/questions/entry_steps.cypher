// title: Where sessions begin
// explanation: The first steps of sessions. Sessions without any step are not counted.
// one row is: a step: step, entries (sessions that began there), share of all sessions, visits of the step
// parameters: none
// limit: 20
// from: aggregates (StepDay)
// read by: user_intel/graph/questions.py
UNWIND $days AS day
MATCH (here:StepDay {day: day})
WITH here.step AS step, sum(here.entries) AS entries, sum(here.visits) AS visits
WITH collect({step: step, entries: entries, visits: visits}) AS found, sum(entries) AS sessions
UNWIND found AS row
WITH row, sessions
WHERE row.entries > 0
RETURN row.step AS step, row.entries AS entries, toFloat(row.entries) / sessions AS share, row.visits AS visits
ORDER BY entries DESC, step
LIMIT $limit
