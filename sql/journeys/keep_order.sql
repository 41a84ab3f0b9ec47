-- one row is: nothing; it keeps the left side of a join the one that streams through, in its order
-- parameters: none
-- from: nothing
-- read by: user_intel/journeys/build.py, once a connection
set disabled_optimizers = 'build_side_probe_side,join_order';
