-- one row is: the metadata of one session recording, as PostHog's HogQL table shows it
-- parameters: none
-- from: nothing
-- read by: user_intel/simulate/store.py
create table utc.session_replay_events
(
    session_id String,
    distinct_id String,
    person_id UUID,
    start_time DateTime64(6, 'UTC'),
    end_time DateTime64(6, 'UTC'),
    first_url Nullable(String),
    all_urls Array(String),
    click_count Int64,
    keypress_count Int64,
    mouse_activity_count Int64,
    active_milliseconds Int64,
    console_log_count Int64,
    console_warn_count Int64,
    console_error_count Int64,
    size Int64,
    event_count Int64,
    message_count Int64,
    snapshot_source LowCardinality(Nullable(String)),
    snapshot_library Nullable(String),
    retention_period_days Nullable(Int64),
    is_deleted UInt8
)
engine = MergeTree
order by start_time
