-- one row is: as events_page, with the person properties named in {names} as one JSON object text
-- parameters: those of events_page, and {names} (a list of property names, never empty)
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
    concat(
        '{',
        arrayStringConcat(
            arrayMap(
                name -> concat('"', name, '":', JSONExtractRaw(person.properties, name)),
                arrayFilter(name -> JSONHas(person.properties, name), {names})
            ),
            ','
        ),
        '}'
    ) as person
from events
where timestamp >= toDateTime64({from_at}, 6, 'UTC')
    and timestamp < toDateTime64({to_at}, 6, 'UTC')
    and (timestamp, toString(uuid)) > (toDateTime64({from_at}, 6, 'UTC'), {after})
    and created_at >= toDateTime64({received_from}, 6, 'UTC')
    and created_at <= toDateTime64({received_to}, 6, 'UTC')
order by timestamp, toString(uuid)
limit {page_rows}
