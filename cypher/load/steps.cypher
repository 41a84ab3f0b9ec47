// one row is: nothing; the steps are there
// parameters: $names
// from: nothing
// read by: user_intel/graph/loading.py
UNWIND $names AS name
MERGE (:Step {name: name})
