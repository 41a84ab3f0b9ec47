// one row is: a step that there is, of those asked for, with its visits on the days
// parameters: $names, $days
// from: Step, StepDay
// read by: user_intel/graph/asking.py
UNWIND $names AS wanted
MATCH (step:Step {name: wanted})
OPTIONAL MATCH (step)-[:ON]->(here:StepDay)
WHERE here.day IN $days
RETURN step.name AS name, sum(here.visits) AS visits
