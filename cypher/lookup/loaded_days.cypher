// one row is: a day that is loaded; chains says which of its sessions are there: all, sample, friction, or none (null)
// parameters: none
// from: Day
// read by: user_intel/graph/asking.py
MATCH (day:Day {state: 'loaded'})
RETURN day.day AS day, CASE WHEN day.chains IN ['all', 'sample', 'friction'] THEN day.chains ELSE null END AS chains,
       day.sessions AS sessions
ORDER BY day
