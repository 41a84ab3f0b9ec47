-- one row is: of the sessions that came to a circle's least visited step, how many walked it round and round
-- parameters: $cycle (JSON list of its steps), $segment, $first_day, $last_day, $history_first (of all days compared)
-- from: tallies
-- read by: user_intel/explain/proof.py
-- the linter does not read all of DuckDB's wording here -- noqa: disable=all
with places as (
    select
        unnest(from_json($cycle, '["varchar"]')) as step,
        unnest(range(len(from_json($cycle, '["varchar"]')))) as place
),

least as (
    select places.step
    from tallies
    inner join places on tallies.step = places.step
    where
        tallies.metric = 'exit'
        and tallies.segment = $segment
        and tallies.day between $history_first::date and $last_day::date
    group by places.step, places.place
    order by sum(tallies.units), places.place
    limit 1
),

days as (
    select
        day,
        sum(units) filter (where metric = 'exit') as arrivals,
        coalesce(sum(hits) filter (where metric = 'loop'), 0) as hits
    from tallies
    where
        day between $first_day::date and $last_day::date
        and segment = $segment
        and ((metric = 'exit' and step in (select step from least)) or (metric = 'loop' and subject = $cycle))
    group by day
),

counted as (
    select
        sum(greatest(coalesce(arrivals, 0), hits)) as units,
        sum(hits) as hits
    from days
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
