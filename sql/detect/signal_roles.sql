-- one row is: name of an event that signals are made of, with the role it plays
-- parameters: variable signal_rules (error_events)
-- from: signal_day_events, signal_earlier_events
-- read by: user_intel/detect/frustration_signals.py
-- What a product itself sends (and every CSV file) is recognised by its name, as whole words of it.
create or replace temp table signal_roles as
with names as (
    select event from signal_day_events
    union
    select event from signal_earlier_events
),

spelled as (
    select
        event,
        regexp_replace(lower(regexp_replace(event, '([a-z])([A-Z])', '\1_\2', 'g')), '[^a-z0-9$]+', '_', 'g') as name
    from names
),

played as (
    select
        event,
        case
            when list_contains(getvariable('signal_rules').error_events, event) then 'error'
            when name = '$autocapture' then 'autocapture'
            when regexp_full_match(name, '\$?rage_?click(s|ed)?') then 'rage'
            when regexp_full_match(name, '\$?dead_?click(s|ed)?') then 'dead'
            when name = '$exception' then 'error'
            when starts_with(name, '$') then null
            when
                regexp_matches(name, '(^|_)(validation|form|field|input)_(failed|failure|error|errors)(_|$)')
                or regexp_matches(name, '(^|_)invalid(_|$)')
                then 'refusal'
            when regexp_matches(name, '(^|_)(failed|failure|error|errors|exception|crash|crashed)(_|$)') then 'error'
            when
                regexp_full_match(
                    name,
                    '((button|btn|link|element|item|icon|ui|mouse|page|cta|tab)_)?'
                    || '(click|clicks|clicked|tap|tapped|press|pressed)(_(button|btn|link|element|on))?'
                )
                then 'click'
            when regexp_full_match(name, '((form|field|input|form_field)_)?(change|changed|filled|edited)')
                then 'change'
            when
                regexp_full_match(
                    name, '((form|field|input|form_field)_)?(input|focus|focused|typed|touched|start|started)'
                )
                and name not in ('start', 'started')
                then 'touch'
            when regexp_full_match(name, '(form_)?(submit|submitted)|form_(sent|completed)|submit_form') then 'submit'
            when regexp_matches(name, '(^|_)(request|response|fetch|xhr|http|api_call)(_|$)') then 'request'
        end as role
    from spelled
)

select *
from played
where role is not null;
