// title: Ways that nobody went before these days
// explanation: Pairs of steps visited one after the other for the first time, within the days that FLOW covers, on
//   one of the days asked for. Without earlier days in the graph every way is new.
// one row is: a way: from_step, to_step, first_day, sessions since then
// parameters: none
// limit: 20
// from: flows (FLOW)
// read by: user_intel/graph/questions.py
MATCH (before:Step)-[way:FLOW]->(after:Step)
WHERE way.first_seen IN $days
RETURN before.name AS from_step, after.name AS to_step, way.first_seen AS first_day, way.sessions AS sessions
ORDER BY sessions DESC, from_step, to_step
LIMIT $limit
