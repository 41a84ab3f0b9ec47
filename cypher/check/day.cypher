// one row is: what the day says of itself
// parameters: $day
// from: (:Day)
// read by: user_intel/graph/checks.py
MATCH (d:Day {day: $day})
RETURN d.state AS state, d.chains AS chains, d.sample_share AS sample_share
