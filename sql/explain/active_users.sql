-- one row is: how many people had a session on some days
-- parameters: $first_day, $last_day, $robot_visits, $robot_pace_s, $robot_share (who is a machine: product.yaml)
-- from: sessions, steps
-- read by: user_intel/explain/proof.py
-- the linter does not read all of DuckDB's wording here -- noqa: disable=all
with robots as (
    select
        day,
        user_id
    from (
        select
            day,
            user_id,
            count(*) >= $robot_visits and coalesce(median(dwell_s) < $robot_pace_s, false) as is_fast
        from steps
        where day between $first_day::date and $last_day::date
        group by day, user_id
    )
    qualify
        is_fast
        and count(*) filter (where is_fast) over (partition by day)
        <= greatest(1, $robot_share * count(*) over (partition by day))
),

people as (
    select
        sessions.day,
        sessions.session_id,
        sessions.user_id
    from sessions
    anti join robots on sessions.day = robots.day and sessions.user_id = robots.user_id
    where sessions.day between $first_day::date and $last_day::date
)

select
    count(distinct user_id) as users,
    count(*) as sessions
from people;
