-- one row is: whether any event tells how long a page was looked at
-- parameters: none
-- from: day_events, carried_events
-- read by: user_intel/journeys/build.py
with reports as (
    from day_events
    union all by name
    from carried_events
)

select exists(
    select 1
    from reports
    where
        event = '$pageleave' or (event in ('$pageview', '$screen') and contains(properties, '$prev_pageview_duration'))
) as reported;
