// one row is: the day's transitions and the sums over them
// parameters: $day
// from: (:StepDay)-[:TRANSITION]->(:StepDay)
// read by: user_intel/graph/checks.py
MATCH (:StepDay {day: $day})-[t:TRANSITION]->(:StepDay {day: $day})
RETURN
  count(t) AS transitions, coalesce(sum(t.sessions), 0) AS transition_sessions,
  coalesce(sum(t.users), 0) AS transition_users, coalesce(sum(t.count), 0) AS transition_count
