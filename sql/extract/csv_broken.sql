-- one row is: line of the CSV file that is no row: too many or few cells, too long, not UTF-8, a quote left open
-- parameters: none
-- from: reject_errors, DuckDB's own list
-- read by: user_intel/extract/csv.py
select
    line as row_number,
    row_number() over (order by line) as place,
    min(error_type)::varchar as error_type,
    bool_or(contains(csv_line, chr(10)) and error_type in ('UNQUOTED VALUE', 'LINE SIZE OVER MAXIMUM'))
        as swallowed_others,
    -- Its cells cannot be told apart, so only its shape is kept.
    regexp_replace(regexp_replace(left(min(csv_line), 500), '\pL', 'x', 'g'), '[0-9]', '9', 'g') as content
from reject_errors
group by line
