// one row is: a flow whose goal some session reached
// parameters: $days
// from: Session
// read by: user_intel/graph/asking.py
MATCH (session:Session)
WHERE session.day IN $days
UNWIND session.goals AS name
RETURN DISTINCT name
