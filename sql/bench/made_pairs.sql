-- one row is: an event of a made-up day on which each of $pairs pairs of 300 steps is walked once, busy steps by many
-- parameters: $path, $pairs, $day
-- from: nothing; every value is a digest of the row's number, so the same day is made every time
-- read by: user_intel/bench/graph_load.py
-- the linter does not read all of DuckDB's wording here -- noqa: disable=all
copy (
    with drawn as (
        select
            floor(300 * pow((hash(i * 31 + 5) % 1000003) / 1000003.0, 2))::int as from_no,
            floor(300 * pow((hash(i * 17 + 3) % 1000003) / 1000003.0, 2))::int as to_no
        from range($pairs * 20) as r (i)
    ),

    pairs as (
        select distinct
            from_no,
            to_no
        from drawn
        where from_no <> to_no
        order by hash(from_no * 1000 + to_no)
        limit $pairs
    ),

    walked as (
        select
            row_number() over (order by from_no, to_no) as session_no,
            unnest([from_no, to_no]) as step_no,
            unnest([0, 1]) as place
        from pairs
    )

    select
        $day::date as day,
        md5('e' || session_no || '-' || place) as event_id,
        md5('u' || session_no % ($pairs // 2)) as user_id,
        md5('s' || session_no) as session_id,
        $day::timestamp + to_seconds(session_no * 20 + place * 7) as "at",
        '/step/' || step_no as event,
        '/step/' || step_no as step,
        '/step/' || step_no as page,
        null::varchar as element,
        'desktop' as device_type,
        'Chrome' as browser,
        'Mac OS X' as os,
        'DE' as country,
        '$direct' as referrer_domain,
        null::varchar as utm_source,
        null::varchar as properties,
        'csv' as source,
        null::timestamp as ingested_at,
        false as is_bot
    from walked
    order by user_id, "at", event_id
) to $path (format parquet, compression zstd, row_group_size 122880);
