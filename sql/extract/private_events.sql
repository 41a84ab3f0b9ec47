-- one row is: event, pseudonymised and scrubbed, before the lookups of bots and path rules
-- parameters: variables source, keeps_hosts, ignored_events and segment_names, set by user_intel/extract/normalise.py
-- from: raw_events, forgotten_users
-- read by: user_intel/extract/normalise.py, once for each connection
create or replace view private_event_rows as
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
        * exclude (json_text, event, elements_chain),
        case
            when not coalesce(starts_with(json_text, '{'), false) then '{"$unreadable":true}'
            -- These two characters part the texts below.
            when contains(json_text, '\u001') then regexp_replace(json_text, '\\u001[eEfF]', ' ', 'g')
            else json_text
        end as json_text,
        translate(event, chr(30) || chr(31), '') as event,
        case when contains(elements_chain, chr(30)) or contains(elements_chain, chr(31)) then '' else elements_chain end
            as elements_chain
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
            when
                regexp_matches(json_text, getvariable('segment_names'))
                then json_merge_patch(person_text, json_text)::varchar
            else left(json_text, -1) || ',' || person_text[2:]
        end as merged
    from fields
),

-- One step a layer: a macro that names its argument twice would otherwise do the work twice.
marked as (
    select
        * exclude (json_text, person_text, merged, elements_chain),
        with_escapes_marked(merged) as text_1,
        bare_path(address) as page_1,
        innermost(nullif(elements_chain, '')) as inner_element
    from addressed
),

kept as (
    select
        * exclude (text_1, page_1),
        without_denied(text_1) as text_2,
        without_ids(page_1) as page_2,
        coalesce(element_name(inner_element, field[22]), field[23]) as element_1,
        bare_path(attribute(inner_element, 'href|attr__href')) as link_1
    from marked
),

refused as (
    select
        * exclude (text_2, element_1, link_1),
        left(
            element_1 || case when ends_with(element_1, '"') then '' else coalesce(' ' || without_ids(link_1), '') end,
            240
        )
            as element_2,
        -- Deeper than the pattern reaches: nothing of it can be kept.
        case
            when
                (contains(text_2, ':{') or contains(text_2, ':['))
                and regexp_matches(text_2, getvariable('denied_name'))
                then '{"$unreadable":true}'
            else text_2
        end as text_3
    from kept
),

-- All texts of a row are scrubbed as one: the tests for what they may hold cost more than the texts are long.
joined as (
    select
        * exclude (text_3, page_2, element_2),
        without_queries(text_3)
        || chr(31)
        || concat_ws(
            chr(30),
            case when is_address then '$pageview' else event end,
            coalesce(page_2, ''),
            coalesce(element_2, ''),
            lower(coalesce(field[6], field[7], '')),
            coalesce(field[8], field[9], ''),
            coalesce(field[10], field[11], ''),
            coalesce(field[12], field[13], ''),
            lower(coalesce(field[14], field[15], '')),
            coalesce(field[16], ''),
            case
                when getvariable('keeps_hosts') then coalesce(host_of(address), host_of(field[1]), lower(field[4]), '')
                else ''
            end
        ) as text_4
    from refused
),

suspected as (
    select
        *,
        may_be_personal(text_4) as suspect
    from joined
),

without_letters as (
    select
        * exclude (text_4),
        case when suspect then without_tokens(without_emails(text_4)) else text_4 end as text_5
    from suspected
),

without_secrets as (
    select
        * exclude (text_5),
        case when suspect and may_hold_random(text_5) then without_random(text_5) else text_5 end as text_6
    from without_letters
),

without_money as (
    select
        * exclude (text_6),
        case
            when suspect and may_hold_cards(text_6) and len(cards_in(text_6)) > 0 then without_cards_in_json(text_6)
            else text_6
        end as text_7
    from without_secrets
),

without_machines as (
    select
        * exclude (text_7),
        case when suspect and may_hold_addresses(text_7) then without_addresses(text_7) else text_7 end as text_8
    from without_money
),

without_people as (
    select
        * exclude (text_8),
        string_split(case when suspect then without_phones(text_8) else text_8 end, chr(31)) as scrubbed_texts
    from without_machines
),

private as (
    select
        * exclude (scrubbed_texts),
        without_marks(scrubbed_texts[1]) as properties,
        string_split(scrubbed_texts[2], chr(30)) as short,
        pseudonym(coalesce(nullif(identity, ''), event_id)) as user_id
    from without_people
)

select
    event_id,
    user_id,
    coalesce(nullif(session_id, ''), field[5]) as session_id,
    "at",
    short[1] as event,
    case
        when list_contains(getvariable('ignored_events'), event) then 'ignored'
        when is_view then 'page'
        when starts_with(event, '$') then 'ignored'
        else 'event'
    end as kind,
    nullif(short[10] || short[2], '') as page,
    nullif(short[3], '') as element,
    nullif(short[4], '') as device_type,
    nullif(short[5], '') as browser,
    nullif(short[6], '') as os,
    nullif(short[7], '') as country,
    nullif(short[8], '') as referrer_domain,
    nullif(short[9], '') as utm_source,
    properties,
    ingested_at,
    coalesce(field[17], field[18], field[19], field[20]) as user_agent,
    coalesce(field[21] = 'bot', false) as says_bot
from private
where user_id not in (select forgotten_users.user_id from forgotten_users);
