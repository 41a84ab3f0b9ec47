-- one row is: a step, with how long its visits last (visits that ended the session have no time)
-- parameters: none
-- from: steps
-- read by: user_intel/journeys/questions.py
-- noqa: disable=AM03
with timed as (
    select
        step,
        count(*) as visits,
        quantile_cont(dwell_s, [0.5, 0.9]) as quantiles
    from steps
    group by step
)

select
    step,
    visits,
    quantiles[1] as p50_s,
    quantiles[2] as p90_s
from timed
order by visits desc, step;
