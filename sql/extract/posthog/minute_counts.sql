-- one row is: minute (number of it since 1970, UTC) that has events, with rows and unique events
-- parameters: {from_at}, {to_at}, {received_from}, {received_to}
-- from: PostHog's events (HogQL; times are UTC text)
-- read by: user_intel/extract/posthog_api.py
select
    intDiv(toUnixTimestamp(timestamp), 60) as minute,
    count() as event_rows,
    uniqExact(uuid) as unique_events
from events
where timestamp >= toDateTime64({from_at}, 6, 'UTC')
    and timestamp < toDateTime64({to_at}, 6, 'UTC')
    and created_at >= toDateTime64({received_from}, 6, 'UTC')
    and created_at <= toDateTime64({received_to}, 6, 'UTC')
group by minute
order by minute
limit 50000
