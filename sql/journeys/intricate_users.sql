-- one row is: a user whose sessions cannot be told in one pass over stored order
-- parameters: none
-- from: runs, carried_events, earlier_ids
-- read by: user_intel/journeys/build.py; sql/journeys/walk.sql leaves these users' stored rows out
create or replace table intricate_users as
with repeated_ids as (
    -- hashes, because a million integers group faster than strings; a false match only costs time
    select hash(session_id) as id_hash
    from runs
    where starts and session_id is not null
    group by hash(session_id)
    having count(*) > 1
)

select user_id from runs where odd
union
select user_id from carried_events
union
select user_id
from runs
where starts and session_id is not null and hash(session_id) in (select id_hash from repeated_ids)
union
select user_id from runs semi join earlier_ids using (session_id);
