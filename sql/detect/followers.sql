-- one row is: a step from which at least `share` of those who went on came to another, over the history
-- parameters: $share
-- from: history_transitions
-- read by: user_intel/detect/evidence.py
with went as (
    select
        from_step,
        to_step,
        sum(sessions) as sessions
    from history_transitions
    group by from_step, to_step
)

select
    from_step,
    to_step
from went
qualify sessions >= $share * sum(sessions) over (partition by from_step)
order by from_step, to_step;
