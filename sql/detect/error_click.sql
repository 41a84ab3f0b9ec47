-- one row is: click that an error followed at once: the last click before it, whatever was clicked
-- parameters: variable signal_rules (error_within_s)
-- from: signal_events
-- read by: user_intel/detect/frustration_signals.py
-- noqa: disable=ST05
with followed as (
    select
        c.session_id,
        c.user_id,
        c."at",
        c.step,
        c.element,
        (epoch_us(e."at") - epoch_us(c."at")) / 1e6 as until_error_s
    from (select * from signal_events where kind = 'error') as e
    asof inner join (select * from signal_events where kind = 'click') as c
        on e.session_id = c.session_id and e."at" >= c."at"
)

select
    'error_click' as signal,
    session_id,
    user_id,
    "at",
    step,
    element,
    min(until_error_s) as intensity
from followed
where until_error_s <= getvariable('signal_rules').error_within_s
group by session_id, user_id, "at", step, element;
