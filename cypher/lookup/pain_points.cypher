// one row is: a pain point
// parameters: none
// from: PainPoint
// read by: user_intel/graph/asking.py
MATCH (problem:PainPoint)
RETURN problem.pain_point_id AS pain_point_id
