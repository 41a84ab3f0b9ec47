// one row is: nothing; the keys and indexes of the graph, each statement made when it is not there yet
// parameters: none
// from: nothing
// read by: user_intel/graph/schema.py
CREATE CONSTRAINT user_id IF NOT EXISTS FOR (u:User) REQUIRE u.user_id IS UNIQUE;
CREATE CONSTRAINT session_id IF NOT EXISTS FOR (s:Session) REQUIRE s.session_id IS UNIQUE;
CREATE CONSTRAINT step_name IF NOT EXISTS FOR (p:Step) REQUIRE p.name IS UNIQUE;
CREATE CONSTRAINT step_day_key IF NOT EXISTS FOR (d:StepDay) REQUIRE d.key IS UNIQUE;
CREATE CONSTRAINT pain_point_id IF NOT EXISTS FOR (p:PainPoint) REQUIRE p.pain_point_id IS UNIQUE;
CREATE CONSTRAINT insight_id IF NOT EXISTS FOR (i:Insight) REQUIRE i.insight_id IS UNIQUE;
CREATE CONSTRAINT day_day IF NOT EXISTS FOR (d:Day) REQUIRE d.day IS UNIQUE;
CREATE CONSTRAINT writer_name IF NOT EXISTS FOR (w:Writer) REQUIRE w.name IS UNIQUE;
CREATE INDEX session_day IF NOT EXISTS FOR (s:Session) ON (s.day);
CREATE INDEX session_bucket IF NOT EXISTS FOR (s:Session) ON (s.bucket);
CREATE INDEX step_day_day IF NOT EXISTS FOR (d:StepDay) ON (d.day);
CREATE INDEX event_step_bucket IF NOT EXISTS FOR (e:Event) ON (e.step, e.bucket);
