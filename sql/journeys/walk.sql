-- one row is: an event of a session that closes today, session after session, each in order of time; a last row of nulls
-- parameters: variables rules (gap), intricate
-- from: day_events in stored order, intricate_events. Windows without an order stream over that order: nothing is sorted
-- read by: sql/journeys/steps.sql, session_rows.sql, page_stays.sql, segment_values.sql
create or replace view walk as
with neighbours as (
    select
        *,
        lag(user_id) over () as prior_user,
        lag(session_id) over () as prior_session,
        lag("at") over () as prior_at
    from day_events
    where not is_bot
),

numbered as (
    select
        *,
        prior_user is distinct from user_id
        or prior_session is distinct from session_id
        or (session_id is null and "at" > prior_at + getvariable('rules').gap) as starts,
        count(case when prior_user is distinct from user_id then 1 end)
            over (rows unbounded preceding) as user_no
    from neighbours
),

woven as (
    select
        user_id, session_id, "at", event, step, page,
        device_type, browser, os, country, referrer_domain, utm_source, properties, starts
    from numbered
    where get_bit(getvariable('intricate'), user_no::int) = 0
    union all
    select
        user_id, session_id, "at", event, step, page,
        device_type, browser, os, country, referrer_domain, utm_source, properties,
        lag(session_id) over () is distinct from session_id as starts
    from intricate_events
    union all
    -- whoever looks one row ahead always finds one
    select
        null, null, null, null, null, null,
        null, null, null, null, null, null, null, true
)

select
    *,
    row_number() over () as event_no,
    lag("at") over () as prior_at,
    count(case when starts then 1 end) over (rows unbounded preceding) as session_no,
    last_value(case when starts then coalesce(session_id, gap_session_id(user_id, "at")) end ignore nulls)
        over (rows unbounded preceding) as stored_session_id
from woven;
