-- one row is: a recording that started in an interval, as the REST list of recordings names its columns
-- parameters: start, end, the half-open interval of start times in UTC; limit; offset
-- from: utc.session_replay_events
-- read by: user_intel/simulate/store.py
select
    session_id as id,
    distinct_id,
    dateDiff('second', start_time, end_time) as recording_duration,
    intDiv(active_milliseconds, 1000) as active_seconds,
    greatest(0, recording_duration - active_seconds) as inactive_seconds,
    start_time,
    end_time,
    click_count,
    keypress_count,
    mouse_activity_count,
    console_log_count,
    console_warn_count,
    console_error_count,
    first_url as start_url,
    retention_period_days,
    snapshot_source,
    snapshot_library
from utc.session_replay_events
where
    start_time >= parseDateTime64BestEffort({start:String}, 6, 'UTC')
    and start_time < parseDateTime64BestEffort({end:String}, 6, 'UTC')
order by start_time desc, id desc
limit {limit:UInt32} offset {offset:UInt32}
