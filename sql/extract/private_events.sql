-- one row is: event, pseudonymised and scrubbed, before the lookups of bots and path rules
-- parameters: variables source, keeps_hosts, ignored_events and segment_names, set by user_intel/extract/normalise.py
-- from: raw_events, forgotten_users
-- read by: user_intel/extract/normalise.py
with parsed as (
    select
        raw_events.* exclude (properties, person),
        case
            when coalesce(properties, '') in ('', 'null') then '{}'
            else coalesce(
                try(json(properties)::varchar),
                -- Half of a surrogate pair is what JSON writers leave behind that cut texts at a length.
                try(json(regexp_replace(properties, '\\u[dD][89a-fA-F][0-9a-fA-F]{2}', '\\ufffd', 'g'))::varchar)
            )
        end as json_text,
        case
            when getvariable('segment_names') is not null and starts_with(person, '{') and length(person) > 2
                then try(json(person)::varchar)
        end as person_text
    from raw_events
),

checked as (
    select
        * exclude (json_text),
        case when starts_with(json_text, '{') then json_text else '{"$unreadable":true}' end as json_text
    from parsed
),

fields as (
    select
        *,
        case
            when getvariable('source') = 'csv' and regexp_matches(event, '^(?:/|(?i:https?)://)') then true
        end as is_address,
        json_extract_string(
            json_text,
            [
                '$."$current_url"', '$."$pathname"', '$."$screen_name"', '$."$host"', '$."$session_id"',
                '$."$device_type"', '$.device_type', '$."$browser"', '$.browser', '$."$os"', '$.os',
                '$."$geoip_country_code"', '$.country', '$."$referring_domain"', '$.referrer_domain', '$.utm_source',
                '$."$raw_user_agent"', '$."$user_agent"', '$.user_agent', '$.userAgent',
                '$."$browser_type"', '$."$el_text"', '$.element', '$.page', '$.url'
            ]
        ) as field
    from checked
),

addressed as (
    select
        *,
        coalesce(is_address, event = '$pageview' or event = '$screen', false) as is_view,
        case
            when is_address then event
            when event = '$screen' then coalesce(field[3], field[2], field[1])
            else coalesce(field[2], field[1], field[24], field[25])
        end as address,
        case
            when person_text is null or person_text = '{}' then json_text
            when json_text = '{}' then person_text
            when regexp_matches(json_text, getvariable('segment_names')) then json_merge_patch(person_text, json_text)::varchar
            else left(json_text, -1) || ',' || person_text[2:]
        end as merged
    from fields
),

-- One step a layer: a macro that names its argument twice would otherwise do the work twice.
marked as (
    select * exclude (json_text, person_text, merged), with_escapes_marked(merged) as text_1, bare_path(address) as page_1
    from addressed
),

kept as (
    select * exclude (text_1, page_1), without_denied(text_1) as text_2, without_ids(page_1) as page_2
    from marked
),

refused as (
    select
        * exclude (text_2),
        -- Deeper than the pattern reaches: nothing of it can be kept.
        case when regexp_matches(text_2, getvariable('denied_name')) then '{"$unreadable":true}' else text_2 end as text_3
    from kept
),

unqueried as (
    select * exclude (text_3), without_queries(text_3) as text_4
    from refused
),

private as (
    select
        * exclude (text_4),
        without_marks(scrubbed_json(text_4)) as properties,
        pseudonym(coalesce(nullif(identity, ''), event_id)) as user_id
    from unqueried
)

select
    event_id,
    user_id,
    coalesce(nullif(session_id, ''), field[5]) as session_id,
    "at",
    case when is_address then '$pageview' else scrubbed(event) end as event,
    case
        when list_contains(getvariable('ignored_events'), event) then 'ignored'
        when is_view then 'page'
        when starts_with(event, '$') then 'ignored'
        else 'event'
    end as kind,
    case
        when getvariable('keeps_hosts')
            then coalesce(scrubbed(coalesce(host_of(address), host_of(field[1]), lower(field[4]))), '') || scrubbed(page_2)
        else scrubbed(page_2)
    end as page,
    scrubbed(
        case
            when coalesce(elements_chain, '') != '' then element_of(elements_chain, field[22])
            else left(field[23], 240)
        end
    ) as element,
    scrubbed(lower(coalesce(field[6], field[7]))) as device_type,
    scrubbed(coalesce(field[8], field[9])) as browser,
    scrubbed(coalesce(field[10], field[11])) as os,
    scrubbed(coalesce(field[12], field[13])) as country,
    scrubbed(lower(coalesce(field[14], field[15]))) as referrer_domain,
    scrubbed(field[16]) as utm_source,
    properties,
    ingested_at,
    coalesce(field[17], field[18], field[19], field[20]) as user_agent,
    coalesce(field[21] = 'bot', false) as says_bot
from private
where user_id not in (select forgotten_users.user_id from forgotten_users)
