// one row is: how many pairs of steps the window has
// parameters: $first_day, $last_day
// from: (:StepDay)-[:TRANSITION]->(:StepDay)
// read by: user_intel/graph/loading.py
MATCH (a:StepDay)-[t:TRANSITION]->(b:StepDay)
WHERE a.day >= $first_day AND a.day <= $last_day
WITH
  a.step AS from_step, b.step AS to_step, sum(t.sessions) AS sessions, sum(t.users) AS user_days,
  sum(t.count) AS times, count(*) AS days, min(a.day) AS first_seen
MATCH (x:Step {name: from_step})
MATCH (y:Step {name: to_step})
MERGE (x)-[f:FLOW]->(y)
SET
  f.sessions = sessions, f.user_days = user_days, f.count = times, f.days = days, f.first_day = $first_day,
  f.last_day = $last_day, f.first_seen = first_seen
RETURN count(*) AS pairs
