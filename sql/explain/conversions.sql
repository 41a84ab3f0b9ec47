-- one row is: how many sessions set foot in a flow, and how many of them reached its goal
-- parameters: $steps (JSON list of the flow's steps), $goal, $first_day, $last_day, $robot_visits, $robot_pace_s,
--             $robot_share (who is a machine: thresholds of product.yaml)
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
    where sessions.day between $first_day::date and $last_day::date
),

walked as (
    select
        people.session_id,
        bool_or(steps.step <> $goal and steps.step in (select unnest(from_json($steps, '["varchar"]')))) as entered,
        bool_or(steps.step = $goal) as reached
    from people
    inner join steps on people.day = steps.day and people.session_id = steps.session_id
    group by people.session_id
)

select
    count(*) filter (where entered and reached) as conversions,
    count(*) filter (where entered) as entered
from walked;
