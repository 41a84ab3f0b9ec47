-- one row is: a step that was visited in the window, with how often, and how often sessions began and ended there
-- parameters: none
-- from: window_sessions, window_transitions
-- read by: user_intel/graph/page_ranks.py
with seen as (
    select
        entry_step as step,
        1 as visits,
        1 as entries,
        0 as exits
    from window_sessions
    union all
    select
        exit_step as step,
        0 as visits,
        0 as entries,
        1 as exits
    from window_sessions
    union all
    -- whoever did not begin at a step came from another: beginnings and arrivals are all the visits there are
    select
        to_step as step,
        count as visits,
        0 as entries,
        0 as exits
    from window_transitions
)

select
    step,
    sum(visits)::bigint as visits,
    sum(entries)::bigint as entries,
    sum(exits)::bigint as exits
from seen
where step is not null
group by step
order by step;
