// one row is: nothing; the day says that its chains are not there
// parameters: $day, $nothing (a map: what a day without chains says of them)
// from: (:Day)
// read by: user_intel/graph/pruning.py
MATCH (d:Day {day: $day})
SET d += $nothing
