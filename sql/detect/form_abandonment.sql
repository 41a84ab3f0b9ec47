-- one row is: form of a page that a session began to fill in and never submitted
-- parameters: none
-- from: signal_forms
-- read by: user_intel/detect/frustration_signals.py
select
    'form_abandonment' as signal,
    session_id,
    user_id,
    "at",
    step,
    last_field as element,
    fields::double as intensity
from signal_forms
where not submitted;
