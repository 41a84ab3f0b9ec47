// one row is: how many insights were linked
// parameters: $day, $rows (insight_id, pain_point_id, title)
// from: (:PainPoint)-[:SEEN]->(:Day)
// read by: user_intel/graph/linking.py
UNWIND $rows AS row
MATCH (p:PainPoint {pain_point_id: row.pain_point_id})-[:SEEN]->(:Day {day: $day})
MERGE (i:Insight {insight_id: row.insight_id})
CREATE (i)-[:ABOUT {day: $day, title: row.title}]->(p)
RETURN count(*) AS made
