-- one row is: nothing; it names the visits that other events happen on, and the steps that are pages
-- parameters: none
-- from: signal_day_steps, signal_day_events, signal_earlier_events, signal_roles
-- read by: user_intel/detect/frustration_signals.py
-- A click or an error that is counted as a step (an action of a CSV file) is not where anything happens.
create or replace temp view signal_visits as
select
    session_id,
    step,
    entered_at
from signal_day_steps
where step not in (select signal_roles.event from signal_roles);

create or replace temp table signal_pages as
select step from signal_day_events
where event in ('$pageview', '$screen') and step is not null
union
select step from signal_earlier_events
where event in ('$pageview', '$screen') and step is not null;
