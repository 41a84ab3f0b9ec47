-- one row is: session that ended within seconds of coming to its last step, with whether it was a bounce from an ad
-- parameters: variable signal_rules (rapid_exit_s, final_steps)
-- from: signal_walk, signal_sessions, signal_day_events, signal_earlier_events
-- read by: user_intel/detect/frustration_signals.py
-- the linter does not read all of DuckDB's wording here -- noqa: disable=all
-- How long somebody stayed on a last step is known where the page told it, or something else happened afterwards.
create or replace temp table signal_exits as
with stays as (
    select
        s.session_id,
        s.user_id,
        s.chain,
        s.started_at,
        s.ended_at,
        v.prior_step is null as only_step,
        v.step,
        v.entered_at as "at",
        coalesce(
            v.stay_s,
            case when s.ended_at > v.entered_at then (epoch_us(s.ended_at) - epoch_us(v.entered_at)) / 1e6 end
        ) as stay_s
    from signal_walk as v
    inner join signal_sessions as s on v.session_id = s.session_id
    where v.following_step is null and not list_contains(getvariable('signal_rules').final_steps, v.step)
),

short as (
    select *
    from stays
    where stay_s <= getvariable('signal_rules').rapid_exit_s
),

campaigns as (
    select
        user_id,
        session_id,
        "at"
    from (
        from signal_day_events
        union all
        from signal_earlier_events
    )
    where
        user_id in (select user_id from short where only_step)
        and (
            utm_source is not null
            or regexp_matches(
                properties,
                '"\$?(gclid|gad_source|gclsrc|dclid|gbraid|wbraid|fbclid|msclkid|ttclid|twclid|li_fat_id|rdt_cid)":'
                || '"?[^"n]'
            )
        )
),

bounces as (
    select distinct s.session_id
    from short as s
    inner join campaigns as c
        on
            s.user_id = c.user_id
            and c."at" between s.started_at and s.ended_at
            and coalesce(c.session_id = s.chain, true)
    where s.only_step
)

select
    short.session_id,
    short.user_id,
    short."at",
    short.step,
    short.stay_s,
    bounces.session_id is not null as from_ad
from short
left join bounces on short.session_id = bounces.session_id;
