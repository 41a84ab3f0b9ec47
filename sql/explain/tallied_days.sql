-- one row is: a day of a pain point: how many sessions could meet it, and how many did
-- parameters: $metric, $subject, $step, $segment, $first_day, $last_day
-- from: tallies
-- read by: user_intel/explain/proof.py
select
    tallies.day,
    sum(arrivals.units)::bigint as sessions_there,
    any_value(tallies.hits) as sessions_hit
from tallies
left join tallies as arrivals
    on
        tallies.day = arrivals.day
        and tallies.step = arrivals.step
        and tallies.segment = arrivals.segment
        and arrivals.metric = 'exit'
where
    tallies.day between $first_day::date and $last_day::date
    and tallies.metric = $metric
    and tallies.subject = $subject
    and tallies.step = $step
    and tallies.segment = $segment
group by tallies.day
order by tallies.day;
