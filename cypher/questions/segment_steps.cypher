// title: Steps that a segment uses more than everybody else
// explanation: The segment's share of each step's sessions, beside its share of the visits of steps by sessions on
//   the whole.
// one row is: a step: step, sessions of the segment, all_sessions, share (sessions / all_sessions), and lift, that
//   share beside the segment's share over all steps
// parameters:
//   segment (segment, e.g. device=mobile): property=value, of a property under segments: in product.yaml.
//   least (number, 1 to 1000000, default 10): Sessions a step must have had, of whatever segment.
// limit: 20
// from: aggregates (StepDay)
// read by: user_intel/graph/questions.py
UNWIND $days AS day
MATCH (here:StepDay {day: day})
WITH here, [i IN range(0, size(here.segments) - 1) WHERE here.segments[i] = $segment] AS places
WITH here.step AS step, sum(here.sessions) AS all_sessions,
     sum(CASE WHEN size(places) = 0 THEN 0 ELSE here.segment_sessions[places[0]] END) AS sessions
WITH collect({step: step, sessions: sessions, all_sessions: all_sessions}) AS found, sum(sessions) AS of_segment,
     sum(all_sessions) AS of_all
UNWIND found AS row
WITH row, of_segment, of_all
WHERE row.all_sessions >= $least AND row.sessions > 0
RETURN row.step AS step, row.sessions AS sessions, row.all_sessions AS all_sessions,
       toFloat(row.sessions) / row.all_sessions AS share,
       toFloat(row.sessions * of_all) / (row.all_sessions * of_segment) AS lift
ORDER BY lift DESC, sessions DESC, step
LIMIT $limit
