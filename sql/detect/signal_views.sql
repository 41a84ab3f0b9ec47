-- one row is: nothing; it makes views of visits (signal_walk, signal_visits) and the table of pages (signal_pages)
-- parameters: none
-- from: signal_day_steps in stored order, signal_day_events, signal_earlier_events, signal_roles
-- read by: user_intel/detect/frustration_signals.py
-- the linter does not read all of DuckDB's wording here -- noqa: disable=all
-- A CSV file's clicks and changes are steps by their names. Nobody goes there: the walk is what remains without them.
set variable signal_gestures = (
    select coalesce(list(event), [])
    from signal_roles
    where role in ('click', 'change', 'touch', 'submit')
);

create or replace temp view signal_walk as
with kept as (
    select
        *,
        lag(session_id) over () as prior_session_id,
        lag(step) over () as prior_step
    from signal_day_steps
    where not list_contains(getvariable('signal_gestures'), step)
),

visits as (
    select
        session_id,
        user_id,
        step,
        entered_at,
        dwell_s,
        next_step
    from kept
    where prior_session_id is distinct from session_id or prior_step <> step
),

neighbours as (
    select
        *,
        lag(session_id) over () as prior_session_id,
        lag(step) over () as prior_step,
        lead(session_id) over () as following_session_id,
        lead(step) over () as following_step,
        lead(entered_at) over () as following_at
    from visits
),

parted as (
    select
        * exclude (prior_step, following_step, following_at),
        case when prior_session_id = session_id then prior_step end as prior_step,
        case when following_session_id = session_id then following_step end as following_step,
        case when following_session_id = session_id then following_at end as following_at
    from neighbours
)

select
    session_id,
    user_id,
    step,
    entered_at,
    prior_step,
    following_step,
    case
        when next_step is not distinct from following_step then dwell_s
        else (epoch_us(following_at) - epoch_us(entered_at)) / 1e6
    end as stay_s
from parted;

-- Nor does anything happen on an error that is counted as a step, but on the step before it.
create or replace temp view signal_visits as
select
    session_id,
    step,
    entered_at
from signal_day_steps
where step not in (select event from signal_roles);

create or replace temp table signal_pages as
select step
from signal_day_events
where event in ('$pageview', '$screen') and step is not null
union
select step
from signal_earlier_events
where event in ('$pageview', '$screen') and step is not null;
