-- one row is: a row of utc.persons, its times in the project's time zone, which the session that creates the view has set
-- parameters: none
-- from: utc.persons
-- read by: user_intel/simulate/store.py
create view project.persons as
select * replace (toTimeZone(created_at, timezone()) as created_at)
from utc.persons
