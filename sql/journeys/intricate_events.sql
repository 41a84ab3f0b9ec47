-- one row is: an event of an intricate user's session that closes today, whole sessions in a row, nulls around them
-- parameters: $path
-- from: placed_events, intricate_sessions
-- read by: user_intel/journeys/build.py, which has `walk` read this file right behind the day's own
-- the linter does not read all of DuckDB's wording here -- noqa: disable=all
copy (
    with kept as (
        select
            e.* exclude (session_id, session_no, chain_id, chain_no, starts, event_no),
            s.session_id
        from placed_events as e
        inner join intricate_sessions as s using (session_no)
        where s.closes_today
        union all by name
        -- a row of nulls before and behind: whoever looks one row back or ahead never meets another's session
        select
            null as user_id,
            unnest([0, null]) as place_no
    )

    select
        * exclude (place_no, user_no),
        false as is_bot,
        'woven' as source
    from kept
    order by place_no nulls last
) to $path (format parquet, compression lz4_raw, row_group_size 122880);
