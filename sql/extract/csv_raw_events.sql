-- one row is: raw event of a CSV row; a row that is rejected has no time and nothing else
-- parameters: none
-- from: csv_checked
-- read by: user_intel/extract/csv.py
with named as (
    select
        *,
        trim(user_id) as identity,
        trim("action") as event,
        nullif(trim(session_id), '') as own_session,
        nullif(trim(event_id), '') as own_id,
        case
            when metadata_text is null or metadata_text = '{}' then coalesce(extras, '{}')
            when extras is null then metadata_text
            else json_merge_patch(extras, metadata_text)::varchar
        end as properties
    from csv_checked
)

select
    case
        when reason is not null then ''
        -- Nobody's digest without the salt; the third and fourth of identical rows get their place in the file later.
        when own_id is null
            then 'csv-' || keyed_digest(concat_ws(chr(31), identity, "at", event, own_session, properties))
        when regexp_full_match(own_id, '[A-Za-z0-9_.:-]{1,64}') and not may_be_personal(own_id) then own_id
        else 'id-' || keyed_digest(own_id)
    end as event_id,
    case when reason is null then event else '' end as event,
    case when reason is null then identity else '-' end as identity,
    case
        when reason is not null or own_session is null then null
        when
            regexp_full_match(own_session, '[A-Za-z0-9_.:-]{1,64}') and not may_be_personal(own_session)
            then own_session
        else keyed_digest(own_session)
    end as session_id,
    case when reason is null then "at" end as "at",
    null::timestamp as ingested_at,
    case when reason is null then properties end as properties,
    null::varchar as elements_chain,
    null::varchar as person
from named
