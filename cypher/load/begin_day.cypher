// one row is: nothing; the day is there, and marked as not to be relied on
// parameters: $day
// from: nothing
// read by: user_intel/graph/loading.py
MERGE (d:Day {day: $day})
SET d.state = 'loading'
