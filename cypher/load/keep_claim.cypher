// one row is: the writer, while the claim is still held
// parameters: $claim, $now (milliseconds since 1970)
// from: (:Writer)
// read by: user_intel/graph/claims.py
MATCH (w:Writer {name: 'user_intel'})
WHERE w.claim = $claim
SET w.seen_ms = $now
RETURN w.name AS name
