-- one row is: a metric of the whole day: sessions and users, events, sessions with a recording
-- parameters: none
-- from: session_people, day_recordings, day_events, robots
-- read by: user_intel/detect/tallies.py
with people as (
    select
        count(*) as sessions,
        count(distinct user_no) as users,
        count(case when session in (select hash(session_id) from day_recordings) then 1 end) as recorded
    from session_people
)

select
    'day' as metric,
    unnest(['sessions', 'recorded', 'recordings', 'events']) as subject,
    '' as step,
    'all' as segment,
    sessions as units,
    users as hits,
    unnest([
        sessions,
        recorded,
        (select count(*) from day_recordings),
        (select count(*) from day_events where not is_bot and user_id not in (select user_id from robots))
    ])::double as total,
    null::double as total_squares
from people;
