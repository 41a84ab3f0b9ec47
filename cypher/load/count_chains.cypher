// one row is: nothing; the day says anew how many sessions, users, visits and hits its chains have
// parameters: $day
// from: (:Day), (:User)-[:HAD]->(:Session)-[:HIT]->(:PainPoint)
// read by: user_intel/graph/forgetting.py
MATCH (d:Day {day: $day})
OPTIONAL MATCH (u:User)-[:HAD]->(s:Session {day: $day})
WITH d, count(s) AS sessions, count(DISTINCT u) AS users, coalesce(sum(s.step_count), 0) AS visits
OPTIONAL MATCH (:Session {day: $day})-[hit:HIT]->(:PainPoint)
WITH d, sessions, users, visits, count(hit) AS hits
SET d.sessions = sessions, d.users = users, d.visits = visits, d.hits = hits
