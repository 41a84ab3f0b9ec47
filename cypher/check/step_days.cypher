// one row is: the day's steps and the sums over them
// parameters: $day
// from: (:Step)-[:ON]->(:StepDay)
// read by: user_intel/graph/checks.py
MATCH (:Step)-[:ON]->(d:StepDay {day: $day})
RETURN
  count(d) AS steps, coalesce(sum(d.visits), 0) AS step_visits, coalesce(sum(d.sessions), 0) AS step_sessions,
  coalesce(sum(d.users), 0) AS step_users, coalesce(sum(d.entries), 0) AS entries, coalesce(sum(d.exits), 0) AS exits
