-- one row is: how many sessions people had on some days
-- parameters: $first_day, $last_day
-- from: tallies
-- read by: user_intel/explain/proof.py
select sum(units)::bigint as sessions
from tallies
where metric = 'day' and subject = 'sessions' and day between $first_day::date and $last_day::date;
