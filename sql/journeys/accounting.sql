-- one row is: how the day's events and its sessions' events agree, over all users
-- parameters: $last_running (an event at or after it may belong to a session that closes later)
-- from: events, sessions (both of one day)
-- read by: user_intel/journeys/check.py; shares nothing with the queries that build sessions
with seen as (
    select
        user_id,
        count(*) as event_count,
        max("at") >= $last_running as is_running
    from events
    where not is_bot
    group by user_id
),

told as (
    select
        user_id,
        sum(event_count - events_before_day) as event_count
    from sessions
    group by user_id
),

compared as (
    select
        coalesce(seen.event_count, 0) as happened,
        coalesce(told.event_count, 0) as in_sessions,
        coalesce(seen.is_running, false) as is_running
    from seen
    full join told on seen.user_id = told.user_id
)

select
    coalesce(sum(happened), 0)::bigint as events,
    coalesce(sum(in_sessions), 0)::bigint as in_sessions,
    coalesce(sum(happened - in_sessions) filter (where is_running), 0)::bigint as still_running,
    coalesce(sum(greatest(happened - in_sessions, 0)) filter (where not is_running), 0)::bigint as missing,
    coalesce(sum(greatest(in_sessions - happened, 0)), 0)::bigint as doubled
from compared;
