-- one row is: one of the first lines of a text file, whole
-- parameters: $path, $compression, $max_line_bytes
-- from: the file
-- read by: user_intel/extract/csv_head.py
select line
from
    read_csv(
        $path,
        columns = { 'line': 'VARCHAR' },
        compression = $compression,
        max_line_size = $max_line_bytes,
        delim = chr(1),
        quote = '',
        escape = '',
        header = false,
        ignore_errors = true,
        auto_detect = false
    )
limit 1 -- noqa: AM09
