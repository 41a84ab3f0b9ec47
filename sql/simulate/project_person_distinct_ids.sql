-- one row is: a row of utc.person_distinct_ids, its times in the project's time zone, which the session that creates the view has set
-- parameters: none
-- from: utc.person_distinct_ids
-- read by: user_intel/simulate/store.py
create view project.person_distinct_ids as
select *
from utc.person_distinct_ids
