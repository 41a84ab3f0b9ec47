// one row is: how many transitions of the day were made
// parameters: $rows (from_key, to_key, sessions, users, count, median_gap_s)
// from: (:StepDay)
// read by: user_intel/graph/loading.py
UNWIND $rows AS row
MATCH (a:StepDay {key: row.from_key})
MATCH (b:StepDay {key: row.to_key})
CREATE (a)-[:TRANSITION {
  sessions: row.sessions, users: row.users, count: row.count, median_gap_s: row.median_gap_s
}]->(b)
RETURN count(*) AS made
