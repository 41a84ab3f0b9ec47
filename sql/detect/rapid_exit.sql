-- one row is: session that ended on a step it had just come to, a step that is neither a goal nor a natural end
-- parameters: none
-- from: signal_exits
-- read by: user_intel/detect/frustration_signals.py
select
    'rapid_exit' as signal,
    session_id,
    user_id,
    "at",
    step,
    null::varchar as element,
    stay_s as intensity
from signal_exits
where not from_ad;
