// title: Steps that only one segment uses
// explanation: Steps that sessions of the segment came to, and nobody else: not those of another value of the
//   property, nor those of which it is not known. segment_steps says which steps a segment merely uses more.
// one row is: a step: step, sessions, user_days (users, counted once a day), days on which it was visited
// parameters:
//   segment (segment, e.g. device=desktop): property=value, of a property under segments: in product.yaml.
// limit: 20
// from: aggregates (StepDay)
// read by: user_intel/graph/questions.py
UNWIND $days AS day
MATCH (here:StepDay {day: day})
WITH here, [i IN range(0, size(here.segments) - 1) WHERE here.segments[i] = $segment] AS places
WITH here.step AS step, sum(here.sessions) AS sessions, sum(here.users) AS user_days, count(*) AS days,
     sum(CASE WHEN size(places) = 0 THEN 0 ELSE here.segment_sessions[places[0]] END) AS of_segment
WHERE of_segment = sessions
RETURN step, sessions, user_days, days
ORDER BY sessions DESC, step
LIMIT $limit
