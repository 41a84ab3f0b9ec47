-- one row is: row of the CSV file, all cells as text
-- parameters: variables csv_path, csv_columns, csv_delimiter, csv_compression, csv_max_line_bytes, csv_buffer_bytes
-- from: the file; rows that are no rows go to DuckDB's reject_errors
-- read by: user_intel/extract/csv.py
select *
from read_csv(
    getvariable('csv_path'),
    columns = getvariable('csv_columns'),
    delim = getvariable('csv_delimiter'),
    compression = getvariable('csv_compression'),
    max_line_size = getvariable('csv_max_line_bytes'),
    buffer_size = getvariable('csv_buffer_bytes'),
    header = true,
    quote = '"',
    escape = '"',
    auto_detect = false,
    strict_mode = true,
    store_rejects = true
)
