// one row is: the session, where it is
// parameters: $session
// from: Session
// read by: user_intel/graph/asking.py
MATCH (session:Session {session_id: $session})
RETURN session.day AS day
