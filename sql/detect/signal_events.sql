-- one row is: event of a session that closes on the day, with its session, its step and what its element is
-- parameters: variable signal_rules (gap)
-- from: signal_found, signal_known_ids, signal_sessions, signal_elements, signal_visits
-- read by: user_intel/detect/frustration_signals.py
-- the linter does not read all of DuckDB's wording here -- noqa: disable=all
create or replace temp table signal_events as
with chained as (
    select
        *,
        session_id as chain
    from signal_found
    where session_id is not null
    union all by name
    -- As in the journeys: an event without an id joins the session of the user's last event that has one, if recent.
    select
        f.*,
        case when f."at" <= k."at" + getvariable('signal_rules').gap then k.session_id else '' end as chain
    from (select * from signal_found where session_id is null) as f
    asof left join signal_known_ids as k on f.user_id = k.user_id and f."at" >= k."at"
),

-- Sessions of one user and one id follow one another: only the last that began before an event may hold it.
placed as (
    select
        c.* exclude (session_id, chain),
        s.session_id
    from chained as c
    asof inner join signal_sessions as s
        on c.user_id = s.user_id and c.chain = s.chain and c."at" >= s.started_at
    where c."at" <= s.ended_at
),

-- Where no page is told, it happened on the step visited last.
stepped as (
    select
        *,
        page as step
    from placed
    where page is not null
    union all by name
    select
        p.*,
        v.step
    from (select * from placed where page is null) as p
    asof left join signal_visits as v on p.session_id = v.session_id and p."at" >= v.entered_at
)

select
    p.* exclude (page),
    coalesce(e.is_anchor, false) as is_anchor,
    coalesce(e.may_stay_dead, false) as may_stay_dead,
    coalesce(e.is_field, false) as is_field,
    coalesce(e.is_submit, false) as is_submit,
    e.ordinary
from stepped as p
left join signal_elements as e on p.element = e.element;
