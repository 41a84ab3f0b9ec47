-- one row is: event of the day: sessions it happened in, and how often
-- parameters: none
-- from: day_events, session_people
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
where not is_bot
group by event;
