// one row is: how many links of the day from insights to pain points are gone
// parameters: $day
// from: (:Insight)-[:ABOUT]->(:PainPoint)
// read by: user_intel/graph/linking.py
MATCH (:Insight)-[about:ABOUT {day: $day}]->(:PainPoint)
DELETE about
RETURN count(*) AS gone
