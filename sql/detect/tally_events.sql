-- one row is: event of the day: the day's sessions, the people it happened to, and how often it did
-- parameters: none
-- from: day_events, robots, session_people
-- read by: user_intel/detect/tallies.py
select
    'event' as metric,
    event as subject,
    '' as step,
    'all' as segment,
    (select count(*) from session_people) as units,
    count(distinct user_id) as hits,
    count(*)::double as total,
    null::double as total_squares
from day_events
where not is_bot and user_id not in (select user_id from robots)
group by event;
