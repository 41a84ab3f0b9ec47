-- one row is: a user with an event so late on `earlier_day` that a session of theirs may be running at its end
-- parameters: $ends_at of that day, $everybody (false: only who was alive a day later too), variable rules (gap)
-- from: earlier_day (events of one day), alive_users
-- read by: user_intel/journeys/build.py, day by day backwards
create or replace table alive_users as
with later as (from alive_users)

select distinct user_id
from earlier_day
where
    not is_bot
    and "at" + getvariable('rules').gap >= $ends_at
    and ($everybody or user_id in (select user_id from later));
