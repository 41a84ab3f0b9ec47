-- one row is: session recording, as the table recordings wants it
-- parameters: none; the registered columns fetched_recordings
-- from: one answer of sql/extract/posthog/recordings_page.sql, and first_pages, its rows made private
-- read by: user_intel/extract/recordings.py
select
    first_pages.day,
    first_pages.session_id,
    first_pages.user_id,
    first_pages."at" as started_at,
    greatest(0, epoch_us(cast(fetched.ended_at as timestamp)) - epoch_us(first_pages."at")) / 1e6 as duration_s,
    cast(fetched.active_ms as double) / 1000 as active_s,
    cast(fetched.clicks as bigint) as clicks,
    cast(fetched.keypresses as bigint) as keypresses,
    cast(fetched.console_errors as bigint) as console_errors,
    first_pages.page as first_page
from first_pages
inner join fetched_recordings as fetched on first_pages.event_id = fetched.session_id;
