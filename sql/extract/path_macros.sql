-- one row is: nothing; these macros make steps of addresses
-- parameters: none
-- from: addresses of pages: whole ones, or paths
-- read by: user_intel/extract/normalise.py, once for each connection

create or replace temp macro host_of(address) as
lower(nullif(regexp_extract(address, '^(?i:[a-z][a-z0-9+.-]*:)//(?:[^/?#@]*@)?([^/?#:]*)', 1), ''));

-- A slash, ? or # that was written as %2F, %3F or %23 is part of a name and stays so.
create or replace temp macro decoded_path(path) as
case
    when contains(path, '%')
        then coalesce(
            try(regexp_replace(
                url_decode(regexp_replace(path, '(?i)%(2f|3f|23|25|0[0-9a-f]|1[0-9a-f]|7f)', '%25\1', 'g')),
                '\s', ' ', 'g'
            )),
            path
        )
    else path
end;

-- The path alone: no host, query, fragment, session id or doubled slash, and no slash at the end.
create or replace temp macro bare_path(address) as
case
    -- Most are bare already.
    when regexp_full_match(address, '(?:/[A-Za-z0-9_.~-]+)+') then address
    else '/' || trim(
        regexp_replace(
            decoded_path(
                regexp_extract(
                    regexp_replace(address, '^(?i:[a-z][a-z0-9+.-]*:)//[^/?#]*', ''),
                    '^[^?#]*'
                )
            ),
            '(?:/|(?i:;jsessionid=[^/]*))+', '/', 'g'
        ),
        '/ '
    )
end;

-- Numbers, dates, UUIDs, hashes, random keys and long titles are names of single things: the step is their kind.
create or replace temp macro without_id(segment) as
case
    when not regexp_matches(segment, '[0-9]|.{32}') then segment
    when regexp_full_match(segment, '[+-]?[0-9]+(?:[-_.:,][0-9]+)*') then ':id'
    when regexp_full_match(segment, '(?i)\{?[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}\}?') then ':id'
    when regexp_full_match(segment, '[0-9a-fA-F]{8,}') then ':id'
    when regexp_full_match(segment, '[A-Za-z]{1,20}[-_][0-9]{3,}')
        then regexp_extract(segment, '^[A-Za-z]+[-_]') || ':id'
    when regexp_full_match(segment, '.*[-_][0-9]{4,}') then ':id'
    when regexp_full_match(segment, '[0-9]+(\.[a-z]{2,5})') then ':id' || regexp_extract(segment, '\.[a-z]+$')
    when regexp_full_match(segment, '[A-Za-z0-9]{16,}') and len(regexp_extract_all(segment, '[0-9]+')) >= 3 then ':id'
    when length(segment) >= 20 and looks_random(segment) then ':id'
    when regexp_full_match(segment, '.{32,}') and len(regexp_extract_all(segment, '[-_ .+]+')) >= 4 then ':id'
    when length(segment) >= 48 then ':id'
    else segment
end;

create or replace temp macro without_ids(path) as
case
    when regexp_matches(path, '[0-9]|[^/]{32}')
        then array_to_string(list_transform(string_split(path, '/'), lambda segment: without_id(segment)), '/')
    else path
end;

-- The step of a page: its path without ids and personal data.
create or replace temp macro page_path(address) as
scrubbed(without_ids(bare_path(address)));
