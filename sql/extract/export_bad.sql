-- one row is: event of a batch export that cannot be kept, with why; what it lacks is filled in so that it can be shown
-- parameters: none
-- from: export_rows
-- read by: user_intel/extract/batch_export.py
select
    cast(file_row_number + 1 as varchar) as event_id,
    coalesce(event, '') as event,
    coalesce(identity, '') as identity,
    session_id,
    coalesce("at", timestamp '1970-01-01') as "at",
    ingested_at,
    properties,
    elements_chain,
    person,
    case
        when event_id is null then 'it has no uuid'
        when event is null then 'it has no event name'
        when identity is null then 'it has neither person_id nor distinct_id'
        when "at" is null then 'it has no timestamp'
        else 'it is stamped more than a day after it was received'
    end as reason
from export_rows
where
    event_id is null
    or event is null
    or identity is null
    or "at" is null
    or "at" > ingested_at + interval 1 day;
