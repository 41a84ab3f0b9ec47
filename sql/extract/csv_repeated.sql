-- one row is: nothing; it keeps digests that more than one row of a file may share
-- parameters: none
-- from: staged_rows, the rows of all files
-- read by: user_intel/extract/csv.py
create or replace temp table repeated_digests as
select distinct digest
from (
    select hash(event_id) as digest
    from staged_rows
    where starts_with(event_id, 'csv-')
    group by file_number, hash(event_id)
    having count(*) > 1
);
