-- one row is: nothing; it keeps the left side of a join the one that streams through, in its order
-- parameters: none
-- from: nothing
-- read by: user_intel/journeys/build.py, for the connection that writes steps
set disabled_optimizers = 'build_side_probe_side,join_order';
