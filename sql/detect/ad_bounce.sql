-- one row is: session that an advertisement brought to one step, left at once: a bounce, and no sign of friction
-- parameters: none
-- from: signal_exits
-- read by: user_intel/detect/frustration_signals.py
select
    'ad_bounce' as signal,
    session_id,
    user_id,
    "at",
    step,
    null::varchar as element,
    stay_s as intensity
from signal_exits
where from_ad;
