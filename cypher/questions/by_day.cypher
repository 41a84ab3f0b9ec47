// title: One step, day by day
// explanation: How often the step was visited each day, by how many sessions and users, and how many of them began
//   and ended there.
// one row is: a day on which the step was visited: day, visits, sessions, users, entries, exits
// parameters:
//   step (step, e.g. /cart): The step.
// limit: 31
// from: aggregates (StepDay)
// read by: user_intel/graph/questions.py
MATCH (:Step {name: $step})-[:ON]->(here:StepDay)
WHERE here.day IN $days
RETURN here.day AS day, here.visits AS visits, here.sessions AS sessions, here.users AS users, here.entries AS entries,
       here.exits AS exits
ORDER BY day DESC
LIMIT $limit
