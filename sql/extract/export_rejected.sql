-- one row is: rejected event of a batch export, with where it was, why, and what is left of it without personal data
-- parameters: variable export_name
-- from: export_bad_rows, and private_bad_rows, the same made private
-- read by: user_intel/extract/batch_export.py
select
    getvariable('export_name') as file,
    cast(private_bad_rows.event_id as bigint) as row,
    export_bad_rows.reason,
    'uuid, event, person_id or distinct_id, and a timestamp at most 1 day after created_at' as expected,
    cast(to_json(private_bad_rows) as varchar) as content
from private_bad_rows
inner join export_bad_rows using (event_id)
order by row;
