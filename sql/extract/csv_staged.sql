-- one row is: private event with its day; rejected rows have none
-- parameters: variable zone
-- from: private_event_rows
-- read by: user_intel/extract/csv.py
select
    *,
    cast(timezone(getvariable('zone'), timezone('UTC', "at")) as date) as day
from private_event_rows
