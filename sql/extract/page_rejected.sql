-- one row is: rejected event, with where it was, why, and what is left of it without personal data
-- parameters: none; the normalised rows rejected_events
-- from: page_ahead_of_time.sql
-- read by: user_intel/extract/pages.py
select
    'PostHog' as file,
    row_number() over (order by "at", event_id) as row,
    'it is stamped more than a day after it was received' as reason,
    'a timestamp at most 1 day after created_at' as expected,
    cast(to_json(rejected_events) as varchar) as content
from rejected_events;
