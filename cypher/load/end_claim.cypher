// one row is: nothing
// parameters: $claim
// from: (:Writer)
// read by: user_intel/graph/claims.py
MATCH (w:Writer {name: 'user_intel'})
WHERE w.claim = $claim
REMOVE w.claim, w.home, w.seen_ms
