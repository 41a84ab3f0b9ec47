-- one row is: private event; of identical rows the second, third ... have their place among them in their ids
-- parameters: none
-- from: staged_rows, one file's rows
-- read by: user_intel/extract/csv.py
with repeated as (
    select event_id
    from staged_rows
    where starts_with(event_id, 'csv-')
    group by event_id
    having count(*) > 1
),

once as (
    select *
    from staged_rows
    where event_id not in (select repeated.event_id from repeated)
),

placed as (
    select *, row_number() over (partition by event_id) as place
    from staged_rows
    where event_id in (select repeated.event_id from repeated)
)

select *
from once
union all by name
select
    * exclude (event_id, place),
    case when place = 1 then event_id else event_id || '-' || place end as event_id
from placed
