-- one row is: a visit of a step
-- parameters: $path
-- from: numbered
-- read by: user_intel/bench/peer.py (plain DuckDB)
-- the linter does not read all of DuckDB's wording here -- noqa: disable=all
copy (
    with changes as (
        select
            *,
            lag(step) over (partition by user_id, session_no order by "at", event_id) is distinct from step as visits
        from numbered
    )

    select
        md5(user_id || '~' || session_no) as session_id,
        user_id,
        row_number() over own_session as position,
        step,
        "at" as entered_at,
        least(epoch(lead("at") over own_session - "at"), 1800) as dwell_s,
        lead(step) over own_session as next_step
    from changes
    where visits
    window own_session as (partition by user_id, session_no order by "at", event_id)
) to $path (format parquet, compression zstd);
