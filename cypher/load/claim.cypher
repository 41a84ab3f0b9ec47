// one row is: the writer, when the claim was got; no row while another deployment holds it
// parameters: $claim, $home, $now and $dead_before (milliseconds since 1970)
// from: (:Writer)
// read by: user_intel/graph/claims.py
MERGE (w:Writer {name: 'user_intel'})
WITH w
WHERE w.claim IS NULL OR w.claim = $claim OR w.home = $home OR w.seen_ms < $dead_before
SET w.claim = $claim, w.home = $home, w.seen_ms = $now
RETURN w.name AS name
