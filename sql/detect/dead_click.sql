-- one row is: click that nothing came of (dead_click), or something only after a wait that is felt (slow_click)
-- parameters: variable signal_rules (slow_click_s, dead_click_s, same_click_s, stamped_late_s)
-- from: signal_events, of which PostHog's library has judged that nothing changed, scrolled or was selected
-- read by: user_intel/detect/frustration_signals.py
-- The library stamps a click a few milliseconds late: what changed right before that moment was the answer to it.
with dead as (
    select
        session_id,
        user_id,
        "at",
        event_id,
        step,
        element,
        waited_s,
        coalesce(answer_s, case when changed_after_s >= 0 then changed_after_s end) as answered_s
    from signal_events
    where
        kind = 'dead'
        and not is_anchor
        and not may_stay_dead
        and not with_key
        and coalesce(changed_after_s not between -getvariable('signal_rules').stamped_late_s and 0, true)
),

spaced as (
    select
        *,
        lag("at") over (partition by session_id, step, element order by "at", event_id) as same_at
    from dead
)

select
    case
        when
            answered_s >= getvariable('signal_rules').slow_click_s
            and answered_s < getvariable('signal_rules').dead_click_s
            then 'slow_click'
        else 'dead_click'
    end as signal,
    session_id,
    user_id,
    "at",
    step,
    element,
    coalesce(case when answered_s >= getvariable('signal_rules').slow_click_s then answered_s end, waited_s)
        as intensity
from spaced
where coalesce(epoch_us("at") - epoch_us(same_at) >= getvariable('signal_rules').same_click_s * 1e6, true);
