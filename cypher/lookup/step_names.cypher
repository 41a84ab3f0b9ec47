// one row is: a step
// parameters: none
// from: Step
// read by: user_intel/graph/asking.py
MATCH (step:Step)
RETURN step.name AS name
