-- one row is: a recording that is known to be gone
-- parameters: $ids
-- from: nothing
-- read by: user_intel/watch/choosing.py
-- the linter does not read all of DuckDB's wording here -- noqa: disable=all
create or replace table unavailable as select unnest($ids::varchar[]) as session_id;
