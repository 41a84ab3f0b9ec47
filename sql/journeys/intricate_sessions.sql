-- one row is: a session of an intricate user, with its id and whether it closes today
-- parameters: variable rules (gap, starts_at, ends_at)
-- from: placed_events, earlier_ids
-- read by: user_intel/journeys/build.py
create or replace table intricate_sessions as
with sessions as (
    select
        session_no,
        any_value(user_id) as user_id,
        any_value(chain_id) as chain_id,
        min(day) as first_day,
        min("at") as started_at,
        max("at") + getvariable('rules').gap as closes_at,
        count(case when "at" < getvariable('rules').starts_at then 1 end) as events_before_day
    from placed_events
    group by session_no
),

uses as (
    select
        chain_id as session_id,
        struct_pack(used_at := started_at, user_id := user_id) as used
    from sessions
    where chain_id is not null
    union all
    select
        session_id,
        first_use as used
    from earlier_ids
),

first_uses as (
    select
        session_id,
        min(used) as used
    from uses
    group by session_id
)

select
    s.session_no,
    s.first_day,
    s.events_before_day,
    s.closes_at >= getvariable('rules').starts_at and s.closes_at < getvariable('rules').ends_at as closes_today,
    case
        when s.chain_id is null then gap_session_id(s.user_id, s.started_at)
        when f.used = struct_pack(used_at := s.started_at, user_id := s.user_id) then s.chain_id
        else s.chain_id || '~' || s.first_day || '~' || left(gap_session_id(s.user_id, s.started_at), 8)
    end as session_id
from sessions as s
left join first_uses as f on s.chain_id = f.session_id;
