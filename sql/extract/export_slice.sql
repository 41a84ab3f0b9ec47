-- one row is: event of a stretch of time in a slice of a file, as the raw events of a page
-- parameters: $first_row, $last_row (numbers in the file), $since, $until (of event time), $received_to
-- from: export_rows
-- read by: user_intel/extract/batch_export.py
create or replace temp table page_rows as
select * exclude (file_row_number)
from export_rows
where
    file_row_number between $first_row and $last_row
    and "at" >= $since
    and "at" < $until
    and (ingested_at is null or ingested_at <= $received_to);
