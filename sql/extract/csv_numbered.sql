-- one row is: private event; of identical rows of a file the second, third ... have their place among them in their ids
-- parameters: none
-- from: staged_rows, the rows of a day; repeated_digests
-- read by: user_intel/extract/csv.py
with placed as (
    select
        *,
        row_number() over (partition by file_number, event_id) as place
    from staged_rows
    where starts_with(event_id, 'csv-') and hash(event_id) in (select digest from repeated_digests)
)

select *
from staged_rows
where not starts_with(event_id, 'csv-') or hash(event_id) not in (select digest from repeated_digests)
union all by name
select
    * exclude (event_id, place),
    case when place = 1 then event_id else event_id || '-' || place end as event_id
from placed
