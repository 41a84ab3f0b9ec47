-- one row is: event as PostHog sent it, with the types of raw events
-- parameters: none; the registered columns fetched_page, all text
-- from: one answer of sql/extract/posthog/events_page.sql
-- read by: user_intel/extract/pages.py
create or replace temp table page_rows as
select
    event_id,
    event,
    identity,
    nullif(session_id, '') as session_id,
    cast("at" as timestamp) as "at",
    cast(ingested_at as timestamp) as ingested_at,
    properties,
    elements_chain,
    person
from fetched_page;
