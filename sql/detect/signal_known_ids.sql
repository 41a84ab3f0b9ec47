-- one row is: an event with a session id, of a user who also has signals' events without one
-- parameters: none
-- from: signal_found, signal_day_events, signal_earlier_events
-- read by: user_intel/detect/frustration_signals.py
create or replace temp table signal_known_ids as
with users as (
    select distinct user_id
    from signal_found
    where session_id is null
)

select
    e.user_id,
    e.session_id,
    e."at"
from signal_day_events as e
where e.session_id is not null and not coalesce(e.is_bot, false) and e.user_id in (select users.user_id from users)
union all
select
    e.user_id,
    e.session_id,
    e."at"
from signal_earlier_events as e
where e.session_id is not null and not coalesce(e.is_bot, false) and e.user_id in (select users.user_id from users);
