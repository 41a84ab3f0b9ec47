// one row is: how many links of pain points to steps were made
// parameters: $day, $rows (pain_point_id, kind, subject, subjects, segment; seen: what it was on the day; steps: names)
// from: (:Day)
// read by: user_intel/graph/linking.py
// What a pain point is by its id is the node's; what it was on a day is the link's to that day.
UNWIND $rows AS row
MATCH (d:Day {day: $day})
MERGE (p:PainPoint {pain_point_id: row.pain_point_id})
SET p.kind = row.kind, p.subject = row.subject, p.subjects = row.subjects, p.segment = row.segment
CREATE (p)-[seen:SEEN]->(d)
SET seen += row.seen
WITH p, row
UNWIND row.steps AS name
MERGE (s:Step {name: name})
CREATE (p)-[:CONCERNS {day: $day}]->(s)
RETURN count(*) AS made
