-- one row is: an event of a made-up day as PostHog tells it: six in ten are steps, two in ten are clicks and changes
-- parameters: $path, $day, $day_no, $sessions (ten events each on average), $users
-- from: nothing; every value is a digest of the session's number, so the same day is made every time
-- read by: user_intel/bench/made_product.py
-- the linter does not read all of DuckDB's wording here -- noqa: disable=all
-- One session in twenty walks in circles, one in a hundred rages at a button; from the fifth day on the third step of the
-- flow is left more often on phones. Clicks and changes happen on the page viewed last.
copy (
    with sessions as (
        select
            $day_no * 10000000 + i as session_no,
            floor($users * pow((hash(i * 31 + $day_no) % 1000000007) / 1000000007.0, 2))::bigint as user_no,
            hash(i * 17 + $day_no) % 84000 * 1000000 + hash(i) % 1000000 as start_us,
            3 + hash(i * 7 + $day_no) % 15 as length,
            10 + hash(i + $day_no) % 90 as pace_s,
            hash(i * 13 + $day_no) % 100 as fate
        from range($sessions) as r (i)
    ),

    people as (
        select
            *,
            ['desktop', 'mobile', 'tablet'][1 + (hash(user_no * 3) % 10 >= 5)::int + (hash(user_no * 3) % 10 = 9)::int]
                as device_type,
            ['free', 'pro', 'team'][1 + (hash(user_no * 5) % 10 >= 6)::int + (hash(user_no * 5) % 10 = 9)::int] as plan,
            ['DE', 'FR', 'US'][(1 + hash(user_no * 7) % 3)::int] as country
        from sessions
        where start_us + (length + 1) * pace_s * 1000000 < 86300000000
    ),

    events as (
        select
            * exclude (length),
            unnest(range(if(device_type = 'mobile' and $day_no >= 4 and fate % 3 = 0, least(length, 5), length)::bigint))
                as place
        from people
    ),

    drawn as (
        select
            *,
            hash(session_no * 100 + place) as dice,
            if(place = 0, 0, hash(session_no * 100 + place + 7) % 100) as role
        from events
    ),

    named as (
        select
            *,
            case
                when fate < 5 then '$pageview'
                when fate = 5 and place between 2 and 6 then '$autocapture'
                when role < 48 then '$pageview'
                when role < 56 then ['search_used', 'export_used', 'invite_sent', 'item_shared'][(1 + dice % 4)::int]
                when role < 58 and place > 4 then 'order_completed'
                when role < 78 then '$autocapture'
                when role < 93 then '$pageleave'
                when role < 98 then 'heartbeat_sent'
                else ['$exception', '$dead_click', '$rageclick'][(1 + dice % 3)::int]
            end as event,
            case
                when fate < 5 then '/step/' || (10 + fate * 3 + place % 3)
                when role < 48 and fate < 30 and place < 4 then ['/step/0', '/step/1', '/step/2', '/checkout'][1 + place]
                when role < 48 then '/step/' || floor(60 * pow((dice % 9973) / 9973.0, 2))::int
            end as path
        from drawn
    ),

    walked as (
        select
            *,
            last_value(path ignore nulls) over (partition by session_no order by place) as page
        from named
    )

    select
        $day::date as day,
        md5('e' || session_no || '-' || place) as event_id,
        md5('u' || user_no) as user_id,
        md5('s' || session_no) as session_id,
        $day::timestamp + to_microseconds((
            start_us
            + if(fate = 5 and place between 2 and 6, 2 * pace_s * 1000000 + place * 150000, place * pace_s * 1000000)
            + dice % 100000
        )::bigint) as "at",
        event,
        case
            when event = '$pageview' then path
            when event[1] <> '$' and event <> 'heartbeat_sent' then event
        end as step,
        page,
        case
            when fate = 5 and event = '$autocapture' then 'button.btn.btn-primary#save "Save"'
            when event = '$autocapture' and dice % 5 = 0 then 'input.form-control#field-' || dice % 4
            when event in ('$autocapture', '$dead_click', '$rageclick')
                then ['button.btn', 'a.nav-link', 'div.card', 'span.icon'][(1 + dice % 4)::int] || '#' || page || ' "Item ' || dice % 9 || '"'
        end as element,
        device_type,
        'Chrome' as browser,
        'Windows' as os,
        country,
        '$direct' as referrer_domain,
        null::varchar as utm_source,
        '{"$lib":"web","$lib_version":"1.200.1","plan":"' || plan || '"'
        || case
            when event = '$autocapture' and dice % 20 = 0 and fate <> 5 then ',"$event_type":"submit"'
            when event = '$autocapture' and dice % 5 = 0 and fate <> 5 then ',"$event_type":"change"'
            when event in ('$autocapture', '$dead_click', '$rageclick')
                then ',"$event_type":"click","$x":' || (100 + place) || ',"$y":' || (200 + place)
            else ''
        end
        || '}' as properties,
        'posthog' as source,
        $day::timestamp + to_microseconds((start_us + place * pace_s * 1000000 + 2000000)::bigint) as ingested_at,
        hash(user_no) % 1000 = 0 as is_bot
    from walked
    order by user_id, "at", event_id
) to $path (format parquet, compression zstd, row_group_size 122880);
