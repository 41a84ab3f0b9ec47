-- one row is: what the days' tallies add up to for a metric of a subject, with its Wilson 95 % interval
-- parameters: $metric, $subject, $step, $segment, $first_day, $last_day
-- from: tallies
-- read by: user_intel/explain/proof.py
with counted as (
    select
        sum(units) as units,
        sum(hits) as hits
    from tallies
    where
        day between $first_day::date and $last_day::date
        and metric = $metric
        and subject = $subject
        and step = $step
        and segment = $segment
)

select
    hits / units as value,
    (hits / units + 1.9207294 / units) / (1 + 3.8414588 / units)
    - 1.959964 * sqrt(hits / units * (1 - hits / units) / units + 0.96036471 / units ** 2) / (1 + 3.8414588 / units)
        as low,
    (hits / units + 1.9207294 / units) / (1 + 3.8414588 / units)
    + 1.959964 * sqrt(hits / units * (1 - hits / units) / units + 0.96036471 / units ** 2) / (1 + 3.8414588 / units)
        as high,
    units::bigint as units
from counted;
