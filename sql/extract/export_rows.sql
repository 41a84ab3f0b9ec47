-- one row is: event of a batch export, with the types of raw events and of its person only the named properties
-- parameters: variable person_names; the view export_file, which has every column (null where the file has not)
-- from: one Parquet file of a PostHog batch export
-- read by: user_intel/extract/batch_export.py
select
    cast(uuid as varchar) as event_id,
    cast(event as varchar) as event,
    coalesce(nullif(cast(person_id as varchar), ''), cast(distinct_id as varchar)) as identity,
    nullif(json_extract_string(try(json(cast(properties as varchar))), '$."$session_id"'), '') as session_id,
    cast("timestamp" as timestamp) as "at",
    cast(created_at as timestamp) as ingested_at,
    cast(properties as varchar) as properties,
    cast(elements_chain as varchar) as elements_chain,
    '{' || array_to_string(
        list_filter(
            list_transform(
                getvariable('person_names'),
                lambda name: '"' || name || '":'
                || cast(json_extract(try(json(cast(person_properties as varchar))), '$."' || name || '"') as varchar)
            ),
            lambda pair: pair is not null
        ),
        ','
    ) || '}' as person,
    file_row_number
from export_file;
