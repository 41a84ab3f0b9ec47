// one row is: a segment that some step was visited by
// parameters: $days
// from: StepDay
// read by: user_intel/graph/asking.py
UNWIND $days AS day
MATCH (here:StepDay {day: day})
UNWIND here.segments AS name
RETURN DISTINCT name
