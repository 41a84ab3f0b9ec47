-- one row is: private event with its file's number and its day; rejected rows have no day
-- parameters: variables zone, csv_number
-- from: private_event_rows
-- read by: user_intel/extract/csv.py
select
    *,
    getvariable('csv_number') as file_number,
    cast(timezone(getvariable('zone'), timezone('UTC', "at")) as date) as day
from private_event_rows
