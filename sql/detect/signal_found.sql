-- one row is: event that a signal may be made of, wherever its session belongs
-- parameters: none
-- from: signal_day_events, signal_earlier_events, signal_roles, signal_sessions
-- read by: user_intel/detect/frustration_signals.py
-- Only these rows' properties are parsed: the other events of a day are many more.
create or replace temp table signal_found as
with played as (
    select
        e.user_id,
        e.session_id,
        e."at",
        e.event_id,
        e.page,
        e.element,
        e.properties,
        r.role
    from signal_day_events as e
    inner join signal_roles as r on e.event = r.event
    where not coalesce(e.is_bot, false)
    union all
    -- Of the days before, only users whose session crossed midnight.
    select
        e.user_id,
        e.session_id,
        e."at",
        e.event_id,
        e.page,
        e.element,
        e.properties,
        r.role
    from signal_earlier_events as e
    inner join signal_roles as r on e.event = r.event
    where
        not coalesce(e.is_bot, false)
        and e.user_id in (
            select s.user_id
            from signal_sessions as s
            where s.started_at < getvariable('signal_rules').starts_at
        )
),

opened as (
    select
        * exclude (properties),
        case
            when role not in ('error', 'refusal')
                then try(json_extract_string(
                    properties,
                    [
                        '$."$event_type"', '$.event_type',
                        '$."$x"', '$.x', '$."$mouse_x"', '$.mouse_x', '$.clientX', '$.client_x', '$.pageX', '$.page_x',
                        '$."$y"', '$.y', '$."$mouse_y"', '$.mouse_y', '$.clientY', '$.client_y', '$.pageY', '$.page_y',
                        '$."$dead_click_mutation_delay_ms"', '$."$dead_click_absolute_delay_ms"',
                        '$."$dead_click_last_mutation_timestamp"', '$."$dead_click_event_timestamp"',
                        '$.ctrlKey', '$.metaKey', '$.shiftKey', '$.altKey',
                        '$.status', '$.status_code', '$.http_status', '$.ok', '$.success'
                    ]
                ))
        end as field
    from played
),

told as (
    select
        * exclude (role, field),
        case
            when role = 'autocapture'
                then
                    case lower(coalesce(field[1], field[2], 'click'))
                        when 'click' then 'click'
                        when 'touch' then 'click'
                        when 'tap' then 'click'
                        when 'change' then 'change'
                        when 'input' then 'touch'
                        when 'focus' then 'touch'
                        when 'submit' then 'submit'
                    end
            when role = 'request'
                then
                    case
                        when
                            try_cast(coalesce(field[27], field[28], field[29]) as double)
                            >= getvariable('signal_rules').failed_status
                            or lower(coalesce(field[30], field[31])) = 'false'
                            then 'error'
                    end
            when role = 'refusal' then 'error'
            else role
        end as kind,
        role = 'refusal' as is_refusal,
        try_cast(coalesce(field[3], field[4], field[5], field[6], field[7], field[8], field[9], field[10]) as double)
            as x,
        try_cast(
            coalesce(field[11], field[12], field[13], field[14], field[15], field[16], field[17], field[18]) as double
        ) as y,
        try_cast(field[19] as double) / 1e3 as answer_s,
        try_cast(field[20] as double) / 1e3 as waited_s,
        (try_cast(field[21] as double) - try_cast(field[22] as double)) / 1e3 as changed_after_s,
        coalesce(list_contains(list_transform(field[23:26], lambda key: lower(key)), 'true'), false) as with_key
    from opened
)

select *
from told
where kind is not null;
