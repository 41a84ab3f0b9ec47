-- one row is: rejected row of a CSV file
-- parameters: variable csv_name
-- from: private_rejects (of csv_rejected.sql), csv_broken
-- read by: user_intel/extract/csv.py
select
    getvariable('csv_name') as file,
    json_extract_string(properties, '$.row')::bigint as row,
    json_extract_string(properties, '$.reason') as reason,
    case
        when contains(json_extract_string(properties, '$.reason'), 'timestamp')
            then
                'a time from 1990 to tomorrow: ISO 8601 such as 2026-11-01T09:30:00Z, or seconds since 1970'
        when contains(json_extract_string(properties, '$.reason'), 'metadata')
            then 'nothing, or a JSON object such as {"plan": "pro"}'
        when contains(json_extract_string(properties, '$.reason'), 'NUL') then 'text without NUL bytes'
        else 'a value in every row'
    end as expected,
    json_merge_patch(properties, to_json({ 'row': null, 'reason': null, 'user_id': user_id }))::varchar as content
from private_rejects
union all
select
    getvariable('csv_name') as file,
    row_number::bigint as row,
    case error_type
        when 'MISSING COLUMNS' then 'fewer cells than the header has columns'
        when 'TOO MANY COLUMNS' then 'more cells than the header has columns'
        when 'LINE SIZE OVER MAXIMUM' then 'longer than a row may be'
        when 'INVALID ENCODING' then 'not UTF-8'
        when 'UNQUOTED VALUE' then 'a quote that is not closed where its cell ends'
        else 'not a row of CSV: ' || lower(error_type)
    end as reason,
    'one cell for each column, in UTF-8, quoted and at most 1,000,000 bytes long in all' as expected,
    to_json({ 'shape': content })::varchar as content
from csv_broken
order by row
