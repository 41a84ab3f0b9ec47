-- one row is: nothing; these macros hide identities and personal data in one text each
-- parameters: variables inner_pad, outer_pad (blobs of the HMAC) and denied (a pattern), set by user_intel/privacy.py
-- from: whatever text they are given; ..._in_json takes JSON text as json() writes it
-- read by: user_intel/privacy.py, once for each connection

-- HMAC-SHA-256 of the identity, first 32 hex digits; equals Python's hmac.
create or replace temp macro pseudonym(identity) as
left(sha256(getvariable('outer_pad') || unhex(sha256(getvariable('inner_pad') || encode(identity)))), 32);

-- A digest nobody can guess at without the salt; for ids that have to be made up.
create or replace temp macro keyed_digest(content) as
left(sha256(getvariable('inner_pad') || encode(content)), 32);

-- Cheap test over one automaton: false means that none of the shapes below can be there.
create or replace temp macro may_be_personal(content) as
regexp_matches(
    content,
    '@|%40|eyJ[A-Za-z0-9_-]{6}|(?i:bearer)\s'
    || '|[A-Za-z0-9]{32}|[A-Za-z0-9_+/-]{40}'
    || '|\b(?:[srp]k|whsec|ph[xcsa]|gh[pousr]|github_pat|glpat|xox[abeoprs]|shp(?:at|ca|pa|ss)|ya29|npm|hf)[-_.]'
    || '|(?:AKIA|ASIA|AGPA|AROA)[A-Z0-9]{16}|AIza[A-Za-z0-9_-]{30}'
    || '|[0-9]\.[0-9]{1,3}\.[0-9]{1,3}\.[0-9]'
    || '|(?i:\b[23f][0-9a-f]{3}:[0-9a-f:]{2})'
    || '|\+[1-9][0-9 ().\-/]{7}|[2-9][0-9]{2}[) .-]{1,2}[0-9]{3}[ .-][0-9]{4}'
    || '|\b0[1-9][0-9]{1,3}[ /-][0-9]{3}|\b0[1-9](?:[ .][0-9]{2}){4}'
    || '|\b[2-6][0-9]{3}[ -]?[0-9]{4}[ -]?[0-9]{4}[ -]?[0-9]|\b3[0-9]{3}[ -]?[0-9]{6}[ -]?[0-9]{4}'
);

create or replace temp macro without_emails(content) as
regexp_replace(
    regexp_replace(content, '(://)[^/\s"@\\\x01]*@', '\1', 'g'),
    '[\pL\pN._%+''-]+(?:@|%40)(?:[\pL\pN-]+\.)+\pL{2,}', '[email]', 'g'
);

-- Random text changes between small, capital and digit far oftener than words do.
create or replace temp macro looks_random(content) as (
    regexp_full_match(content, '[0-9a-fA-F]*')
    and regexp_matches(content, '[0-9]')
    and regexp_matches(content, '[a-fA-F]')
)
or (
    regexp_matches(content, '[a-z]') and regexp_matches(content, '[A-Z]') and regexp_matches(content, '[0-9]')
    and len(regexp_extract_all(content, '[a-z]+|[A-Z]+|[0-9]+')) >= 0.45 * length(content)
)
or (
    regexp_full_match(content, '[a-z0-9]*|[A-Z0-9]*') and regexp_matches(content, '[A-Za-z]')
    and len(regexp_extract_all(content, '[A-Za-z]+|[0-9]+')) >= 0.3 * length(content)
);

-- Longest first, so that what contains another goes before it.
create or replace temp macro with_each_replaced(content, found, mark) as
list_reduce( -- noqa: PRS
    list_prepend(
        content,
        list_transform(
            list_reverse_sort(list_transform(found, lambda item: lpad(length(item)::varchar, 8, '0') || item)),
            lambda item: item[9:]
        )
    ),
    lambda so_far, item: replace(so_far, item, mark)
);

create or replace temp macro may_hold_random(content) as
regexp_matches(content, '[A-Za-z0-9]{32}|[A-Za-z0-9_+/-]{40}');

create or replace temp macro without_random(content) as
with_each_replaced(
    content,
    list_filter(
        regexp_extract_all(content, '[A-Za-z0-9_+/-]{40,}') || regexp_extract_all(content, '[A-Za-z0-9]{32,}'),
        lambda item: looks_random(item)
    ),
    '[token]'
);

create or replace temp macro without_tokens(content) as
    regexp_replace(
        content,
        'eyJ[A-Za-z0-9_-]{6,}\.[A-Za-z0-9_-]{6,}(?:\.[A-Za-z0-9_-]*)?'
        || '|\b[srp]k[-_](?:[a-z0-9]+[-_])*[A-Za-z0-9]{16}[A-Za-z0-9_-]*'
        || '|\b(?:whsec|ph[xcsa]|gh[pousr]|github_pat|glpat|xox[abeoprs]|shp(?:at|ca|pa|ss)|ya29)[-_.][A-Za-z0-9_.-]{16,}'
        || '|\b(?:npm|hf)_[A-Za-z0-9]{30,}'
        || '|(?:AKIA|ASIA|AGPA|AROA)[A-Z0-9]{16}|AIza[A-Za-z0-9_-]{30,}'
        || '|(?i:bearer)\s+[A-Za-z0-9._~+/=-]{8,}',
        '[token]', 'g'
    );

create or replace temp macro is_ipv4(content) as
regexp_full_match(
    content,
    '(?:25[0-5]|2[0-4][0-9]|1[0-9]{2}|[1-9][0-9]?)\.'
    || '(?:(?:25[0-5]|2[0-4][0-9]|1[0-9]{2}|[1-9]?[0-9])\.){2}'
    || '(?:25[0-5]|2[0-4][0-9]|1[0-9]{2}|[1-9][0-9]?)'
);

-- A version has the shape of an address: \x02 breaks that shape after product names, v, and keys that say version.
create or replace temp macro with_versions_marked(content) as
regexp_replace(
    content,
    '([ "(;][A-Za-z_]+/v?[0-9]+|\bv[0-9]+|(?i:version|release|build)[^",:]*(?:":"|[ :=]+)v?[0-9]+)\.',
    '\1' || chr(2) || '.', 'g'
);

create or replace temp macro may_hold_addresses(content) as
regexp_matches(content, '[0-9]\.[0-9]{1,3}\.[0-9]{1,3}\.[0-9]|(?i:\b[23f][0-9a-f]{3}:[0-9a-f:]{2})');

create or replace temp macro without_ipv4(marked) as
with_each_replaced(
    marked, list_filter(regexp_extract_all(marked, '[0-9]+(?:\.[0-9]+){3,}'), lambda item: is_ipv4(item)), '[ip]'
);

create or replace temp macro without_ipv6(content) as
regexp_replace(
    content,
    '(?i)\b(?:[23][0-9a-f]{3}|f[cd][0-9a-f]{2}|fe[89ab][0-9a-f])'
    || '(?:(?::[0-9a-f]{1,4}){7}|(?::[0-9a-f]{1,4}){0,5}::(?:[0-9a-f]{1,4}(?::[0-9a-f]{1,4}){0,5})?)\b',
    '[ip]', 'g'
);

create or replace temp macro without_addresses(content) as
translate(without_ipv6(without_ipv4(with_versions_marked(content))), chr(2), '');

create or replace temp macro luhn_valid(digits) as
list_sum(
    list_transform(
        range(length(digits)),
        lambda place: case
            when place % 2 = 0 then reverse(digits)[place + 1]::integer
            else [0, 2, 4, 6, 8, 1, 3, 5, 7, 9][reverse(digits)[place + 1]::integer + 1]
        end
    )
) % 10 = 0;

create or replace temp macro is_card(content) as
regexp_full_match(
    regexp_replace(content, '[ -]', '', 'g'),
    '4[0-9]{12}(?:[0-9]{3}){0,2}|5[1-8][0-9]{14}|2[2-7][0-9]{14}|3[47][0-9]{13}|3(?:0|6|8|9)[0-9]{12}|35[0-9]{14}|6[0-9]{15,18}'
)
and luhn_valid(regexp_replace(content, '[ -]', '', 'g'));

create or replace temp macro cards_in(content) as
list_filter(
    regexp_extract_all(
        content,
        '\b[2-6][0-9]{3}[ -]?[0-9]{4}[ -]?[0-9]{4}[ -]?[0-9]{1,7}\b|\b3[0-9]{3}[ -]?[0-9]{6}[ -]?[0-9]{4,5}\b'
    ),
    lambda item: is_card(item)
);

create or replace temp macro may_hold_cards(content) as
regexp_matches(content, '\b[2-6][0-9]{3}[ -]?[0-9]{4}[ -]?[0-9]{4}[ -]?[0-9]|\b3[0-9]{3}[ -]?[0-9]{6}[ -]?[0-9]{4}');

create or replace temp macro without_cards(content) as
with_each_replaced(content, cards_in(content), '[card]');

-- Outside strings a number has to stay JSON, so what replaces it is quoted.
create or replace temp macro without_cards_in_json(content) as
array_to_string(
    list_transform(
        regexp_extract_all(content, '"(?:[^"\\]|\\.)*"|[^"]+|"'),
        lambda part: case
            when starts_with(part, '"') then without_cards(part)
            else array_to_string(
                list_transform(
                    regexp_extract_all(part, '[0-9.eE+-]+|[^0-9.eE+-]+'),
                    lambda run: case when length(run) >= 13 and is_card(ltrim(run, '-')) then '"[card]"' else run end
                ),
                ''
            )
        end
    ),
    ''
);

create or replace temp macro without_phones(content) as
regexp_replace(
    content,
    '\+[1-9][0-9]{0,2}(?:[ ().\-/]{0,2}[0-9]){6,13}\b'
    || '|(?:\([2-9][0-9]{2}\)[ .-]?|\b[2-9][0-9]{2}[ .-])[0-9]{3}[ .-][0-9]{4}\b'
    || '|\b0[1-9][0-9]{1,3}[ /-][0-9]{3,4}[ -]?[0-9]{3,5}\b'
    || '|\b0[1-9](?:[ .][0-9]{2}){4}\b',
    '[phone]', 'g'
);

-- Any text without e-mails, tokens, cards, addresses of machines and phone numbers. Where a text is long or rows are
-- many, the steps are better written one a layer, as in sql/extract/private_events.sql.
create or replace temp macro scrubbed(content) as
case
    when may_be_personal(content)
        then without_phones(without_addresses(without_cards(without_random(without_tokens(without_emails(content))))))
    else content
end;

-- JSON text in which \x01 stands after every escape, so that no pattern takes the n of \n for a letter.
create or replace temp macro with_escapes_marked(content) as
case
    when contains(content, '\') then regexp_replace(content, '\\(?:u[0-9a-fA-F]{4}|.)', '\0' || chr(1), 'g')
    else content
end;

create or replace temp macro without_marks(content) as
case when contains(content, chr(1)) then replace(content, chr(1), '') else content end;

-- Denied properties go, wherever they stand; \x02 marks their places until the commas are right again.
create or replace temp macro without_denied(content) as
replace(
    regexp_replace(
        regexp_replace(content, getvariable('denied'), chr(2), 'g'),
        ',' || chr(2) || '+}', '}', 'g'
    ),
    chr(2), ''
);

-- One address without its query and fragment, but for the parameters that are kept.
create or replace temp macro with_kept_query(address) as
regexp_extract(address, '^[^?#]*')
|| case
    when regexp_matches(address, getvariable('kept_parameter'))
        then '?' || array_to_string(regexp_extract_all(address, getvariable('kept_parameter'), 1), '&')
    else ''
end;

-- The addresses in JSON text (http://..., app://..., or a string that starts with /) without queries and fragments.
create or replace temp macro without_queries(content) as
case
    when not (contains(content, '?') or contains(content, '#')) then content
    when not regexp_matches(content, getvariable('kept_parameter'))
        then regexp_replace(
            content, '((?::/|")/[^\s"?#\\\x01]*)[?#](?:[^\s"\\\x01]|\\["\\]\x01)*', '\1', 'g'
        )
    else list_reduce(
        list_prepend(
            content,
            list_reverse_sort(
                regexp_extract_all(content, '(?::/|")/[^\s"?#\\\x01]*[?#](?:[^\s"\\\x01]|\\["\\]\x01)*')
            )
        ),
        lambda so_far, address: replace(so_far, address, with_kept_query(address))
    )
end;
