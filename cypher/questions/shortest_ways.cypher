// title: The ways of fewest steps between two steps, in the graph of all sessions
// explanation: Ways made of steps that somebody visited one after the other, not necessarily in one session;
//   paths_between tells what single sessions did. Only ways of up to 6 steps further are looked for.
// one row is: a way: path (list of steps), steps (how many further), least_sessions (those of its least walked part)
// parameters:
//   from (step, e.g. /home): The step to begin at.
//   to (step, e.g. /cart): The step to arrive at.
// limit: 20
// from: flows (FLOW)
// read by: user_intel/graph/questions.py
MATCH way = allShortestPaths((begin:Step {name: $from})-[:FLOW*..6]->(end:Step {name: $to}))
WITH [place IN nodes(way) | place.name] AS path, relationships(way) AS parts
WITH path, reduce(least = parts[0].sessions, part IN parts |
                  CASE WHEN part.sessions < least THEN part.sessions ELSE least END) AS least_sessions
RETURN path, size(path) - 1 AS steps, least_sessions
ORDER BY least_sessions DESC, path
LIMIT $limit
