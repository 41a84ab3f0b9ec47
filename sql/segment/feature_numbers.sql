-- one row is: a person of the range and a configured property of events: what its values come to
-- parameters: $properties, $largest (a number beyond is none)
-- from: range_events, window_robots
-- read by: user_intel/segment/features.py
-- the linter does not read all of DuckDB's wording here -- noqa: disable=all
create or replace table feature_numbers as
with asked as (select unnest($properties::varchar []) as property),

told as (
    select
        range_events.user_id,
        asked.property,
        try(json_extract_string(range_events.properties, '$."' || asked.property || '"')) as value
    from range_events
    -- most events have none of them: looking for the name is cheaper than parsing
    inner join asked on contains(range_events.properties, asked.property)
    anti join window_robots on range_events.day = window_robots.day and range_events.user_id = window_robots.user_id
    where not coalesce(range_events.is_bot, false)
),

read as (
    select
        hash(user_id) as user_no,
        property,
        try_cast(value as double) as number
    from told
    where value is not null
),

checked as (
    select
        user_no,
        property,
        -- text, NaN, infinity and sizes that cannot be added up are no numbers
        case when isfinite(number) and abs(number) <= $largest then number end as number
    from read
)

select
    user_no,
    property,
    count(number) as numbers,
    count(*) - count(number) as ignored,
    -- in one order, so that the digits do not depend on how rows are met
    sum(number order by number) as total
from checked
group by user_no, property;
