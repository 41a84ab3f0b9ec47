-- one row is: an event of a made-up day: 60 steps, a quarter of the sessions walk in loops, zipf users, no session ids
-- parameters: $path, $sessions (ten events each on average), $users, $day
-- from: nothing; every value is a digest of the row's number, so the same day is made every time
-- read by: user_intel/bench/made_events.py
-- the linter does not read all of DuckDB's wording here -- noqa: disable=all
copy (
    with sessions as (
        select
            i as session_no,
            least($users - 1, floor($users * pow((hash(i * 31 + 5) % 1000000007) / 1000000007.0, 3)))::bigint as user_no,
            hash(i * 17 + 3) % 84000 * 1000000 + hash(i) % 1000000 as start_us,
            3 + hash(i * 7) % 15 as length,
            10 + hash(i) % 90 as pace_s
        from range($sessions) as r (i)
    ),

    events as (
        select
            *,
            unnest(range(length::bigint)) as place
        from sessions
    ),

    walked as (
        select
            *,
            '/step/' || if(
                hash(session_no * 3) % 4 = 0,
                place % 3,
                hash(session_no * 100 + place + 7) % (1 + hash(session_no * 100 + place) % 60)
            )::int as step
        from events
    )

    select
        $day::date as day,
        md5('e' || session_no || '-' || place) as event_id,
        md5('u' || user_no) as user_id,
        null::varchar as session_id,
        $day::timestamp + to_microseconds(
            (start_us + place * pace_s * 1000000 + hash(session_no * 100 + place) % 9000000)::bigint
        ) as "at",
        step as event,
        step,
        step as page,
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
        hash(session_no) % 1000 = 0 as is_bot
    from walked
    where start_us + (place + 1) * pace_s * 1000000 < 86300000000
    order by user_id, "at", event_id
) to $path (format parquet, compression zstd, row_group_size 122880);
