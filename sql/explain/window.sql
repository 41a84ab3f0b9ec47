-- one row is: the days a fact is of
-- parameters: $day, $before (an earlier day; null: none), $window_days
-- from: nothing
-- read by: user_intel/explain/proof.py
select
    $day::date as day,
    $day::date - ($window_days::integer - 1) as first_day,
    $window_days::bigint as window_days,
    $before::date as before;
