// one row is: how many steps of the day went, and with them its transitions
// parameters: $day, $steps (at most so many)
// from: (:StepDay)
// read by: user_intel/graph/pruning.py
MATCH (d:StepDay {day: $day})
WITH d
LIMIT $steps
DETACH DELETE d
RETURN count(*) AS gone
