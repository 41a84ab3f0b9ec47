// title: Where sessions end, and how many of those that came to the step
// explanation: The last steps of sessions. A high exit_rate is right at the end of a flow and worth a look anywhere
//   else.
// one row is: a step: step, exits (sessions that ended there), share of all sessions, sessions that came to the step,
//   and exit_rate, exits / sessions
// parameters: none
// limit: 20
// from: aggregates (StepDay)
// read by: user_intel/graph/questions.py
UNWIND $days AS day
MATCH (here:StepDay {day: day})
WITH here.step AS step, sum(here.exits) AS exits, sum(here.sessions) AS sessions
WITH collect({step: step, exits: exits, sessions: sessions}) AS found, sum(exits) AS ended
UNWIND found AS row
WITH row, ended
WHERE row.exits > 0
RETURN row.step AS step, row.exits AS exits, toFloat(row.exits) / ended AS share, row.sessions AS sessions,
       toFloat(row.exits) / row.sessions AS exit_rate
ORDER BY exits DESC, step
LIMIT $limit
