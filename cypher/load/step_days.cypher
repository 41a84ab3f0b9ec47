// one row is: how many steps of the day were made
// parameters: $day, $rows (key, step, visits, sessions, users, entries, exits, segments, segment_sessions, segment_users)
// from: (:Step)
// read by: user_intel/graph/loading.py
UNWIND $rows AS row
MATCH (p:Step {name: row.step})
CREATE (p)-[:ON]->(:StepDay {
  key: row.key, day: $day, step: row.step, visits: row.visits, sessions: row.sessions, users: row.users,
  entries: row.entries, exits: row.exits, segments: row.segments, segment_sessions: row.segment_sessions,
  segment_users: row.segment_users
})
RETURN count(*) AS made
