-- one row is: burst of clicks on one element of one page, or PostHog's own $rageclick where no burst tells of it
-- parameters: variable signal_rules (rage_clicks, rage_within_s, rage_radius_px, reported_apart_s, reported_clicks)
-- from: signal_events
-- read by: user_intel/detect/frustration_signals.py
-- the linter does not read all of DuckDB's wording here -- noqa: disable=all
-- A click completes a rage when it and the ones before it, as many as the rule wants, came within its time and radius.
-- Rages that share a click are one burst. Clicks on nothing known may each have met another thing: they tell nothing.
with clicks as (
    select
        session_id,
        user_id,
        step,
        element,
        "at",
        row_number() over following as click_no,
        count(*) over latest as latest_count,
        min("at") over latest as began_at,
        list(struct_pack(x := x, y := y)) over latest as points
    from signal_events
    where kind = 'click' and ordinary is null and element is not null
    window
        following as (partition by session_id, step, element order by "at", event_id),
        latest as (
            partition by session_id, step, element
            order by "at", event_id
            rows between getvariable('signal_rules').rage_clicks - 1 preceding and current row
        )
),

hurried as (
    select
        * exclude (points, latest_count),
        list_filter(points, lambda p: p.x is not null and p.y is not null) as points
    from clicks
    where
        latest_count = getvariable('signal_rules').rage_clicks
        and epoch_us("at") - epoch_us(began_at) <= getvariable('signal_rules').rage_within_s * 1e6
),

raging as (
    select
        *,
        coalesce(
            click_no - lag(click_no) over (partition by session_id, step, element order by click_no)
            >= getvariable('signal_rules').rage_clicks,
            true
        ) as begins
    from hurried
    where
        coalesce(
            list_max(list_transform(
                points,
                lambda p: list_max(list_transform(points, lambda q: pow(p.x - q.x, 2) + pow(p.y - q.y, 2)))
            )),
            0
        ) <= pow(getvariable('signal_rules').rage_radius_px, 2)
),

numbered as (
    select
        *,
        sum(begins::int) over (partition by session_id, step, element order by click_no) as burst_no
    from raging
),

bursts as (
    select
        session_id,
        user_id,
        step,
        element,
        min(began_at) as "at",
        max("at") as last_at,
        max(click_no) - min(click_no) + getvariable('signal_rules').rage_clicks as clicks
    from numbered
    group by session_id, user_id, step, element, burst_no
),

reports as (
    select
        *,
        coalesce(
            epoch_us("at") - epoch_us(lag("at") over (partition by session_id, step, element order by "at", event_id))
            > getvariable('signal_rules').reported_apart_s * 1e6,
            true
        ) as begins
    from signal_events
    where kind = 'rage' and ordinary is null
),

numbered_reports as (
    select
        *,
        sum(begins::int) over (partition by session_id, step, element order by "at", event_id) as report_no
    from reports
),

reported as (
    select
        session_id,
        user_id,
        step,
        element,
        min("at") as "at",
        max("at") as last_at,
        count(*) * getvariable('signal_rules').reported_clicks as clicks
    from numbered_reports
    group by session_id, user_id, step, element, report_no
)

select
    'rage_click' as signal,
    session_id,
    user_id,
    "at",
    step,
    element,
    clicks::double as intensity
from bursts
union all
select
    'rage_click' as signal,
    session_id,
    user_id,
    "at",
    step,
    element,
    clicks::double as intensity
from reported as r
where not exists (
    from bursts as b
    where
        b.session_id = r.session_id
        and b.element is not distinct from r.element
        and r.last_at >= b."at" - to_microseconds((getvariable('signal_rules').reported_apart_s * 1e6)::bigint)
        and r."at" <= b.last_at + to_microseconds((getvariable('signal_rules').reported_apart_s * 1e6)::bigint)
);
