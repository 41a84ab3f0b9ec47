// title: Steps through which most ways lead
// explanation: Steps with the most different steps before and after them. page_ranks in the lake says the same with
//   more thought: PageRank, betweenness and communities.
// one row is: a step: step, steps_before, steps_after, sessions_in and sessions_out (summed over the ways)
// parameters: none
// limit: 20
// from: flows (FLOW)
// read by: user_intel/graph/questions.py
MATCH (before:Step)-[way:FLOW]->(after:Step)
WITH collect({step: after.name, into: 1, sessions_in: way.sessions, out_of: 0, sessions_out: 0}) +
     collect({step: before.name, into: 0, sessions_in: 0, out_of: 1, sessions_out: way.sessions}) AS ends
UNWIND ends AS one
RETURN one.step AS step, sum(one.into) AS steps_before, sum(one.out_of) AS steps_after,
       sum(one.sessions_in) AS sessions_in, sum(one.sessions_out) AS sessions_out
ORDER BY steps_before + steps_after DESC, sessions_in + sessions_out DESC, step
LIMIT $limit
