-- one row is: a user of today's sessions who was seen on an earlier day, with the first such day
-- parameters: none
-- from: history (events of all earlier days), session_rows
-- read by: user_intel/journeys/build.py
create or replace table earlier_users as
select
    user_id,
    min(day) as first_day
from history
semi join session_rows using (user_id)
where not is_bot
group by user_id;
