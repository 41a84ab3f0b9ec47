-- one row is: a source's session id that is met today and was also used on an earlier day, with its first use
-- parameters: none
-- from: history (events of all earlier days), runs, carried_events
-- read by: user_intel/journeys/build.py
create or replace table earlier_ids as
with ids as (
    select session_id from runs
    union
    select session_id from carried_events
)

select
    session_id,
    min(struct_pack(used_at := "at", user_id := user_id)) as first_use
from history
semi join ids using (session_id)
where not is_bot
group by session_id;
