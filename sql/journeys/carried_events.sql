-- one row is: an event of an earlier day of a user whose sessions were still running at the end of that day
-- parameters: none
-- from: earlier_day (events of one day), alive_users
-- read by: user_intel/journeys/build.py, day by day backwards
insert into carried_events by name
select earlier_day.*
from earlier_day
semi join alive_users using (user_id)
where not is_bot;
