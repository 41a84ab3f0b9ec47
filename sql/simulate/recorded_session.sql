-- one row is: an event of one session's browser, in order
-- parameters: session, its id
-- from: utc.events
-- read by: user_intel/simulate/snapshots.py
-- noqa: disable=all
select
    event,
    toUnixTimestamp64Milli(timestamp) as at_ms,
    JSONExtractString(properties, '$current_url') as url,
    JSONExtractString(properties, '$pathname') as path,
    JSONExtractString(properties, 'title') as title,
    JSONExtractString(properties, '$event_type') as kind,
    JSONExtractString(properties, '$el_text') as text,
    JSONExtractString(properties, '$device_type') as device,
    JSONExtractString(properties, '$browser') as browser,
    extract(elements_chain, 'attr__name="([^"]*)"') as field,
    distinct_id,
    coalesce(`$window_id`, '') as window
from utc.events
where `$session_id` = {session:String} and JSONExtractString(properties, '$lib') = 'web'
order by timestamp, event = '$pageview', uuid
