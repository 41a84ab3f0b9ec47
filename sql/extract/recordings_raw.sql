-- one row is: recording as if its first page were a raw event, so that it becomes private as events do
-- parameters: none; the registered columns fetched_recordings
-- from: one answer of sql/extract/posthog/recordings_page.sql
-- read by: user_intel/extract/recordings.py
select
    session_id as event_id,
    '$pageview' as event,
    identity,
    session_id,
    cast(started_at as timestamp) as "at",
    cast(null as timestamp) as ingested_at,
    cast(json_object('$current_url', first_url) as varchar) as properties,
    cast(null as varchar) as elements_chain,
    cast(null as varchar) as person
from fetched_recordings;
