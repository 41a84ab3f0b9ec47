-- one row is: an event of an intricate user, of today or carried from earlier days, stored by user and time
-- parameters: variable rules (keeps_pages, keeps_segments: whether those columns will be asked for)
-- from: day_events, carried_events, intricate_users
-- read by: user_intel/journeys/build.py
create or replace table involved_events as
with involved as (
    select day_events.*
    from day_events
    semi join intricate_users using (user_id)
    where not is_bot
    union all by name
    select *
    from carried_events
)

select
    day,
    user_id,
    session_id,
    "at",
    step,
    case when getvariable('rules').keeps_pages then event end as event,
    case when getvariable('rules').keeps_pages then page end as page,
    case when getvariable('rules').keeps_pages or getvariable('rules').keeps_segments then properties end as properties,
    case when getvariable('rules').keeps_segments then device_type end as device_type,
    case when getvariable('rules').keeps_segments then browser end as browser,
    case when getvariable('rules').keeps_segments then os end as os,
    case when getvariable('rules').keeps_segments then country end as country,
    case when getvariable('rules').keeps_segments then referrer_domain end as referrer_domain,
    case when getvariable('rules').keeps_segments then utm_source end as utm_source
from involved
order by user_id, "at", event_id;
