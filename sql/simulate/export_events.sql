-- one row is: an event ingested in an interval, in the columns of PostHog's batch export; repeated rows are left out
-- parameters: start, end, the half-open interval of ingestion in UTC
-- from: utc.events
-- read by: user_intel/simulate/store.py
select
    toString(uuid) as uuid,
    event,
    timestamp,
    distinct_id,
    toString(person_id) as person_id,
    properties,
    person.properties as person_properties,
    elements_chain,
    created_at,
    created_at as _inserted_at
from utc.events
where
    created_at >= parseDateTime64BestEffort({start:String}, 6, 'UTC')
    and created_at < parseDateTime64BestEffort({end:String}, 6, 'UTC')
order by created_at, toString(uuid)
limit 1 by event, distinct_id, uuid
