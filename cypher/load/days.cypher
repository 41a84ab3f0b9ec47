// one row is: a day that the graph knows of
// parameters: none
// from: (:Day)
// read by: user_intel/graph/days.py
MATCH (d:Day)
RETURN d.day AS day, d.state AS state, d.chains AS chains
ORDER BY day
