// one row is: the pain point, where it is, with its sessions
// parameters: $pain_point
// from: PainPoint, HIT
// read by: user_intel/graph/asking.py
MATCH (problem:PainPoint {pain_point_id: $pain_point})
RETURN COUNT { (problem)<-[:HIT]-() } AS sessions
