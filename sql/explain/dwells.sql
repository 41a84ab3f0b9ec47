-- one row is: how long visits of a step take in the median, and of how many sessions that is known
-- parameters: $step, $first_day, $last_day, $property and $value (the segment; null: everybody), $robot_visits,
--             $robot_pace_s, $robot_share (who is a machine: thresholds of product.yaml)
-- from: steps, sessions
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
    where
        sessions.day between $first_day::date and $last_day::date
        and (
            $property::varchar is null
            or json_extract_string(to_json(sessions), '$."' || $property || '"') = $value
        )
)

select
    median(steps.dwell_s) as value,
    count(distinct people.session_id) as units
from people
inner join steps on people.day = steps.day and people.session_id = steps.session_id
where steps.step = $step and steps.dwell_s is not null;
