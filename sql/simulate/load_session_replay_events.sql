-- one row is: a recording of a Parquet file in the columns of user_intel/simulate/recorded.py
-- parameters: path, the Parquet file
-- from: the file
-- read by: user_intel/simulate/store.py
insert into utc.session_replay_events
select
    session_id,
    distinct_id,
    toUUID(person_id),
    start_time,
    end_time,
    first_url,
    all_urls,
    click_count,
    keypress_count,
    mouse_activity_count,
    active_milliseconds,
    console_log_count,
    console_warn_count,
    console_error_count,
    size,
    event_count,
    message_count,
    'web',
    'posthog-js',
    30,
    0
from file({path:String}, Parquet)
