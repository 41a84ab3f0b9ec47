-- one row is: event of a batch export that can be kept
-- parameters: none
-- from: export_rows
-- read by: user_intel/extract/batch_export.py
select * exclude (file_row_number)
from export_rows
where
    event_id is not null
    and event is not null
    and identity is not null
    and "at" is not null
    and (ingested_at is null or "at" <= ingested_at + interval 1 day);
