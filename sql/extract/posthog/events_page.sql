-- one row is: event of a window after the last one read, in the order (timestamp, uuid as text)
-- parameters: {from_at}, {after} (uuid read last, '' for none), {to_at}, {received_from}, {received_to}, {page_rows}
-- from: PostHog's events (HogQL; times are UTC text)
-- read by: user_intel/extract/posthog_api.py
select
    toString(uuid) as event_id,
    event,
    coalesce(toString(person_id), distinct_id) as identity,
    $session_id,
    timestamp,
    created_at,
    properties,
    elements_chain,
    null as person
from events
where timestamp >= toDateTime64({from_at}, 6, 'UTC')
    and timestamp < toDateTime64({to_at}, 6, 'UTC')
    and (timestamp, toString(uuid)) > (toDateTime64({from_at}, 6, 'UTC'), {after})
    and created_at >= toDateTime64({received_from}, 6, 'UTC')
    and created_at <= toDateTime64({received_to}, 6, 'UTC')
order by timestamp, toString(uuid)
limit {page_rows}
