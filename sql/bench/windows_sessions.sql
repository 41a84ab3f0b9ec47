-- one row is: a session
-- parameters: $path
-- from: numbered
-- read by: user_intel/bench/peer.py (plain DuckDB)
-- the linter does not read all of DuckDB's wording here -- noqa: disable=all
copy (
    select
        md5(user_id || '~' || session_no) as session_id,
        user_id,
        min("at") as started_at,
        max("at") as ended_at,
        count(*) as event_count,
        arg_min(step, "at") as entry_step,
        arg_max(step, "at") as exit_step
    from numbered
    group by user_id, session_no
) to $path (format parquet, compression zstd);
