-- one row is: a pain point as detect found it, and what follows from its columns
-- parameters: $day, $pain_point_id
-- from: pain_points
-- read by: user_intel/explain/proof.py
-- the linter does not read all of DuckDB's wording here -- noqa: disable=all
with found as (
    select
        *,
        list_filter(from_json(facts -> 'numbers', '["json"]'), lambda number: number ->> 'id' = 'value')[1] as measured
    from pain_points
    where day = $day::date and pain_point_id = $pain_point_id
)

select
    kind,
    subject,
    segment,
    value,
    expected,
    low,
    high,
    value / nullif(expected, 0) as times,
    abs(value - expected) as points,
    sessions,
    users,
    lost_conversions,
    lost_usd,
    severity,
    first_day,
    last_day,
    days_seen,
    trend,
    len(subjects) as steps,
    coalesce((measured ->> 'from')::date, day) as window_first,
    coalesce((measured ->> 'to')::date, day) as window_last,
    coalesce((measured ->> 'to')::date - (measured ->> 'from')::date, 0) + 1 as window_days
from found;
