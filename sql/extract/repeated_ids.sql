-- one row is: nothing; it keeps the ids that more than one event has
-- parameters: none
-- from: held_events, arrived_events
-- read by: user_intel/extract/landing.py
create or replace temp table repeated_ids as
select event_id
from (
    select event_id
    from held_events
    union all
    select event_id
    from arrived_events
)
group by event_id
having count(*) > 1;
