-- one row is: an event of the made-up day, as a person would export it
-- parameters: $events, $path
-- from: the Parquet file that sql/bench/made_events.sql writes
-- read by: user_intel/bench/doors.py
-- the linter does not read all of DuckDB's wording here -- noqa: disable=all
copy (
    select
        'person-' || user_id || '@example.com' as user_id,
        strftime("at", '%Y-%m-%dT%H:%M:%S.%fZ') as timestamp,
        step as action,
        '{"plan": "pro", "note": "call +49 170 1234567"}' as metadata
    from read_parquet($events)
) to $path (format csv, header);
