// one row is: how many visits were linked to the one before
// parameters: $day, $names (the steps that are visited), $rows (a session each; steps, nth, at and dwell_s are lists with
//             one place for each of its visits in order: the number of its step in $names, the how manieth visit of it in
//             the session this is, milliseconds since 1970, seconds)
// from: (:User), (:Step)
// read by: user_intel/graph/loading.py
// Sessions were cleared before, so they are made; users are shared among days. Looking steps up once, by their place
// in a list, and linking a session's visits as they were made is three times as fast as finding each by a key.
UNWIND $names AS name
MATCH (p:Step {name: name})
WITH collect(p) AS steps
UNWIND $rows AS row
MERGE (u:User {user_id: row.user_id})
CREATE (u)-[:HAD]->(s:Session {
  session_id: row.session_id, day: $day, bucket: row.bucket, started_at: row.started_at, ended_at: row.ended_at,
  duration_s: row.duration_s, step_count: row.step_count, entry_step: row.entry_step, exit_step: row.exit_step,
  goals: row.goals, new_user: row.new_user, segments: row.segments
})
WITH s, row, steps
UNWIND range(0, size(row.steps) - 1) AS place
WITH s, row, place, steps[row.steps[place]] AS step
CREATE (e:Event {
  day: $day, step: step.name, bucket: row.bucket, session: row.session, nth: row.nth[place],
  position: place + 1, at: datetime({epochMillis: row.at[place]}), dwell_s: row.dwell_s[place]
})
CREATE (e)-[:AT]->(step)
WITH s, collect(e) AS visits
WITH s, visits, visits[0] AS first
CREATE (s)-[:FIRST]->(first)
WITH visits
UNWIND range(0, size(visits) - 2) AS place
WITH visits[place] AS before, visits[place + 1] AS after
CREATE (before)-[:NEXT]->(after)
RETURN count(*) AS linked
