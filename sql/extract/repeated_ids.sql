-- one row is: nothing; it keeps the hashes of ids that more than one event may have: half the memory of the ids
-- parameters: none
-- from: held_events, arrived_events
-- read by: user_intel/extract/landing.py
create or replace temp table repeated_ids as
select id_hash
from (
    select hash(event_id) as id_hash
    from held_events
    union all
    select hash(event_id) as id_hash
    from arrived_events
)
group by id_hash
having count(*) > 1;
