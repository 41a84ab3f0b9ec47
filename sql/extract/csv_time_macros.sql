-- one row is: nothing; these macros read the times people write
-- parameters: variable zone, in which a time without a zone is meant
-- from: cells
-- read by: user_intel/extract/csv.py

create or replace temp macro epoch_time(cell) as
case
    when
        regexp_full_match(cell, '[0-9]{9,10}(\.[0-9]{1,9})?')
        then make_timestamp((cell::decimal(19, 6) * 1000000)::bigint)
    when
        regexp_full_match(cell, '[0-9]{12,13}(\.[0-9]{1,6})?')
        then make_timestamp((cell::decimal(22, 6) * 1000)::bigint)
    when regexp_full_match(cell, '[0-9]{15,16}') then make_timestamp(cell::bigint)
end;

-- Times that say their zone. Not among them: 03/04/2024, which is two days.
create or replace temp macro zoned_time(cell) as
timezone(
    'UTC',
    case
        when regexp_matches(cell, '^[0-9]{4}-') then try_cast(cell as timestamptz)
        else try_strptime(
            cell,
            [
                '%d/%b/%Y:%H:%M:%S %z', '%a, %d %b %Y %H:%M:%S %z', '%d %b %Y %H:%M:%S %z', '%Y/%m/%d %H:%M:%S%z',
                '%Y%m%dT%H%M%S%z', '%a, %d %b %Y %H:%M:%S %Z'
            ]
        )::timestamptz
    end
);

create or replace temp macro local_time(cell) as
case
    when regexp_matches(cell, '^[0-9]{4}-[0-9]') then try_cast(cell as timestamp)
    else try_strptime(
        cell,
        [
            '%Y/%m/%d %H:%M:%S', '%Y/%m/%d %H:%M', '%Y/%m/%d', '%Y%m%dT%H%M%S', '%Y%m%d', '%d.%m.%Y %H:%M:%S',
            '%d.%m.%Y %H:%M', '%d.%m.%Y', '%d %b %Y %H:%M:%S', '%b %d, %Y %H:%M:%S'
        ]
    )
end;

create or replace temp macro utc_time(cell) as
case
    -- 'infinity' and 'epoch' are times to DuckDB.
    when not regexp_matches(cell, '[0-9]') then null
    when
        regexp_full_match(cell, '[0-9]{9,10}(\.[0-9]+)?|[0-9]{12,13}(\.[0-9]+)?|[0-9]{15,16}')
        then try(epoch_time(cell))
    when
        regexp_matches(cell, '[0-9](?:Z|z| ?[+-][0-9]{2}:?(?:[0-9]{2})?| ?UTC| ?GMT| [A-Z][A-Za-z]+/[A-Za-z_/]+)$')
        and regexp_matches(cell, ':|T')
        then try(zoned_time(cell))
    when getvariable('zone') = 'UTC' then try(local_time(cell))
    else try(timezone('UTC', timezone(getvariable('zone'), local_time(cell))))
end;
