-- one row is: a distinct_id and the person it belongs to
-- parameters: none
-- from: utc.events
-- read by: user_intel/simulate/store.py
create view utc.person_distinct_ids as
select
    distinct_id,
    any(events.person_id) as person_id
from utc.events as events
group by distinct_id
