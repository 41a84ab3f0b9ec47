-- one row is: two different steps, the second visited right after the first, over the window
-- parameters: none
-- from: window_transitions
-- read by: user_intel/graph/page_ranks.py
select
    from_step,
    to_step,
    -- a session is of one day: sums over days count none twice
    sum(sessions)::bigint as sessions
from window_transitions
where from_step != to_step
group by from_step, to_step
order by from_step, to_step;
