// one row is: nothing; the day is marked as whole, with what was loaded
// parameters: $day, $counts (a map of the properties told in the README)
// from: (:Day)
// read by: user_intel/graph/loading.py
MATCH (d:Day {day: $day})
SET d += $counts, d.state = 'loaded'
