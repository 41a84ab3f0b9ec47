-- one row is: row of the CSV file, with its time in UTC and what is wrong with it (null: nothing)
-- parameters: variables zone and csv_latest, the latest time that can be meant
-- from: csv_cells, the file's cells under their fixed names
-- read by: user_intel/extract/csv.py
with timed as (
    select
        * exclude (metadata, "timestamp"),
        "timestamp" as time_cell,
        utc_time(trim("timestamp")) as "at",
        nullif(trim(metadata), '') as metadata
    from csv_cells
),

read as (
    select
        * exclude (metadata),
        metadata as metadata_cell,
        case when metadata is not null then try(json(metadata)::varchar) end as metadata_text
    from timed
)

select
    *,
    case
        when
            contains(concat_ws(' ', user_id, time_cell, "action", session_id, event_id, metadata_cell), chr(0))
            or contains(extras, '\u0000')
            then 'a cell holds a NUL byte'
        when coalesce(trim(user_id), '') = '' then 'user_id is empty'
        when coalesce(trim("action"), '') = '' then 'action is empty'
        when coalesce(trim(time_cell), '') = '' then 'timestamp is empty'
        when "at" is null then 'timestamp cannot be read'
        when "at" > getvariable('csv_latest') then 'timestamp lies in the future'
        when "at" < timestamp '1990-01-01' then 'timestamp lies before 1990'
        when metadata_cell is not null and not coalesce(starts_with(metadata_text, '{'), false)
            then 'metadata is not a JSON object'
    end as reason
from read
