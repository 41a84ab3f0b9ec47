-- one row is: a step and the step visited right after it on the day
-- parameters: none
-- from: day_transitions
-- read by: user_intel/graph/day_rows.py
select
    graph_name(from_step) as from_step,
    graph_name(to_step) as to_step,
    sessions,
    users,
    count,
    median_gap_s
from day_transitions
order by from_step, to_step;
