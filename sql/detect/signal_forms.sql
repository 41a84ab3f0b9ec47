-- one row is: session and step whose form was touched, with how far that went
-- parameters: variable signal_rules (day, flow_steps and later_steps, lists of equal length)
-- from: signal_events, signal_visits
-- read by: user_intel/detect/frustration_signals.py
-- the linter does not read all of DuckDB's wording here -- noqa: disable=all
-- Submitted is: a submit told; or a button to submit clicked, no error on the page, and on to another step; or, where
-- neither is captured, on to a later step of a flow the page is in.
create or replace temp table signal_forms as
with touches as (
    select
        *,
        kind = 'change' as is_change
    from signal_events
    where kind in ('change', 'touch') or (kind = 'click' and is_field)
),

touched as (
    select
        session_id,
        user_id,
        step,
        min("at") as "at",
        greatest(1, count(distinct element)) as fields,
        count(case when is_change then element end) - count(distinct case when is_change then element end)
            as corrections,
        max_by(element, struct_pack("at" := "at", event_id := event_id)) filter (where element is not null)
            as last_field
    from touches
    group by session_id, user_id, step
),

told as (
    select distinct session_id, step
    from signal_events
    where kind = 'submit'
),

pressed as (
    select
        t.session_id,
        t.step,
        max(e."at") as pressed_at
    from touched as t
    inner join signal_events as e
        on t.session_id = e.session_id and t.step is not distinct from e.step and e."at" >= t."at"
    where e.kind = 'click' and e.is_submit
    group by t.session_id, t.step
),

left_for as (
    select
        p.session_id,
        p.step,
        p.pressed_at,
        min(v.entered_at) as left_at
    from pressed as p
    inner join signal_visits as v
        on p.session_id = v.session_id and v.entered_at >= p.pressed_at and v.step is distinct from p.step
    group by p.session_id, p.step, p.pressed_at
),

went_on as (
    select
        l.session_id,
        l.step
    from left_for as l
    where not exists (
        from signal_events as e
        where
            e.session_id = l.session_id
            and e.kind = 'error'
            and e."at" between l.pressed_at and l.left_at
    )
),

flow_pairs as (
    select
        unnest(getvariable('signal_rules').flow_steps) as step,
        unnest(getvariable('signal_rules').later_steps) as later_step
),

went_along as (
    select distinct
        t.session_id,
        t.step
    from touched as t
    inner join flow_pairs as f on t.step = f.step
    inner join signal_visits as v
        on t.session_id = v.session_id and f.later_step = v.step and v.entered_at >= t."at"
),

submitted as (
    select * from told
    union
    select * from went_on
    union
    select * from went_along
),

refused as (
    select
        session_id,
        step,
        count(*) as validation_errors
    from signal_events
    where is_refusal
    group by session_id, step
)

select
    getvariable('signal_rules').day as day,
    t.session_id,
    t.user_id,
    t.step,
    t."at",
    s.session_id is not null as submitted,
    t.fields,
    t.corrections,
    coalesce(r.validation_errors, 0) as validation_errors,
    t.last_field
from touched as t
left join submitted as s on t.session_id = s.session_id and t.step is not distinct from s.step
left join refused as r on t.session_id = r.session_id and t.step is not distinct from r.step;
