-- one row is: a row of the same table in `utc`, its times in the time zone of the session that makes the view
-- parameters: none
-- from: utc.person_distinct_ids
-- read by: user_intel/simulate/store.py
create view project.person_distinct_ids as
select *
from utc.person_distinct_ids
