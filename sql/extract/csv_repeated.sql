-- one row is: nothing; it keeps digests that more than one row of a file may share
-- parameters: none
-- from: staged_rows, one file's rows
-- read by: user_intel/extract/csv.py
create or replace temp table repeated_digests as
select hash(event_id) as digest
from staged_rows
where starts_with(event_id, 'csv-')
group by hash(event_id)
having count(*) > 1;
