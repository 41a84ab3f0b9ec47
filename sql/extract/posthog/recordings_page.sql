-- one row is: session recording that started in a window after the last one read, in the order (start_time, session_id)
-- parameters: {from_at}, {after} (session read last, '' for none), {to_at}, {page_rows}
-- from: PostHog's session_replay_events (HogQL; times are UTC text)
-- read by: user_intel/extract/posthog_api.py
select
    session_id,
    coalesce(toString(person_id), distinct_id) as identity,
    start_time,
    end_time,
    active_milliseconds,
    click_count,
    keypress_count,
    console_error_count,
    first_url
from session_replay_events
where start_time >= toDateTime64({from_at}, 6, 'UTC')
    and start_time < toDateTime64({to_at}, 6, 'UTC')
    and (start_time, session_id) > (toDateTime64({from_at}, 6, 'UTC'), {after})
order by start_time, session_id
limit {page_rows}
