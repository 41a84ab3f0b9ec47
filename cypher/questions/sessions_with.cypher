// title: Sessions that met a pain point, to look at one by one
// explanation: Some sessions of the days that met the pain point, as detect defines it, the latest first.
//   session_path shows one.
// one row is: a session: session_id, started_at (UTC), step_count, entry_step, exit_step, goals reached
// parameters:
//   pain_point (pain_point, e.g. 3f9a41c07be2): Its pain_point_id: user-intel pain-points --json tells it.
// limit: 20
// from: chains (Session, PainPoint), about 2000 sessions of pain_point
// read by: user_intel/graph/questions.py
MATCH (:PainPoint {pain_point_id: $pain_point})<-[:HIT]-(session:Session)
WHERE session.bucket < $buckets AND session.day IN $days
RETURN DISTINCT session.session_id AS session_id, session.started_at AS started_at, session.step_count AS step_count,
       session.entry_step AS entry_step, session.exit_step AS exit_step, session.goals AS goals
ORDER BY started_at DESC, session_id
LIMIT $limit
