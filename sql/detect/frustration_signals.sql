-- one row is: occurrence of a friction signal, with exactly the columns of tables.FRUSTRATION_SIGNALS
-- parameters: variable signal_rules (day)
-- from: signal_occurrences, the six signals one under another
-- read by: user_intel/detect/frustration_signals.py
-- What happened twice at the same instant to the same element happened once.
create or replace temp table signal_rows as
select
    getvariable('signal_rules').day as day,
    signal,
    session_id,
    user_id,
    "at",
    step,
    element,
    max(intensity) as intensity
from signal_occurrences
group by signal, session_id, user_id, "at", step, element;
