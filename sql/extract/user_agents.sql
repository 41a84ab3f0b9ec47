-- one row is: user agent
-- parameters: none
-- from: private_events
-- read by: user_intel/extract/normalise.py
select distinct user_agent
from private_events
where user_agent is not null;
