-- one row is: element that was clicked or changed, with what it is as far as its tag, classes, id and text tell
-- parameters: none
-- from: signal_found (elements as tag.class.class#id "text", or what a CSV file calls them)
-- read by: user_intel/detect/frustration_signals.py
-- `ordinary` names why clicking it many times is ordinary use; null where it is not.
create or replace temp table signal_elements as
with parts as (
    select distinct
        element,
        lower(regexp_extract(element, '^(?s)(.*?)(?: ".*)?$', 1)) as described,
        lower(trim(regexp_extract(element, '(?s) "(.*)"$', 1))) as quoted
    from signal_found
    where element is not null
),

tagged as (
    select
        element,
        described,
        case when quoted = '' then described else quoted end as shown,
        regexp_extract(
            described,
            '^(a|abbr|article|aside|b|body|button|canvas|circle|div|em|fieldset|figure|footer|form|g|h[1-6]|header|html'
            || '|i|iframe|img|input|label|legend|li|main|nav|ol|option|p|path|pre|rect|section|select|small|span|strong'
            || '|summary|svg|table|tbody|td|textarea|th|thead|tr|ul|use|video)(?:[.#\s]|$)',
            1
        ) as tag
    from parts
),

named as (
    select
        *,
        tag = 'input' and regexp_matches(described, '[.#_-](btn|button|submit)') as is_button,
        regexp_matches(described, 'check-?box|radio|toggle|switch|range|color|file') as is_choice
    from tagged
)

select
    element,
    tag = 'a' as is_anchor,
    regexp_matches(described, 'ph-no-deadclick') as may_stay_dead,
    not is_button
    and (
        tag in ('input', 'select', 'textarea')
        or (
            tag = ''
            and regexp_matches(
                described, '(^|[^a-z])(input|textarea|text-?box|select|dropdown|checkbox|field)([^a-z]|$)'
            )
        )
    ) as is_field,
    is_button
    or (
        tag in ('', 'button', 'a', 'input', 'span', 'div')
        and (
            regexp_matches(described, '(^|[^a-z])submit([^a-z]|$)')
            or regexp_matches(
                shown,
                '^(submit|save|send|sign ?(up|in)|log ?in|register|continue|next|proceed|confirm|pay|place|buy|order'
                || '|check ?out|create|add|apply|update|finish|complete|done|subscribe|join|start|get started|book'
                || '|reserve|request|publish|post|invite|upload|verify|search|ok|yes)([^a-z]|$)'
            )
        )
    ) as is_submit,
    case
        when regexp_matches(described, 'ph-no-rageclick') then 'opted out'
        when
            (tag = 'input' and not is_button and not is_choice) or tag = 'textarea'
            or regexp_matches(described, 'textarea|text-?(box|field|input)|search-?(box|field|input)|content-?editable')
            or (tag = '' and regexp_matches(described, '(^|[^a-z])input([^a-z]|$)') and not is_choice)
            then 'text input'
        when
            regexp_matches(
                described,
                'stepper|spin-?button|(^|[^a-z])(spin-?(up|down)|step-?(up|down)|increment|decrement|increase|decrease'
                || '|quantity|qty|plus|minus)([^a-z]|$)'
            )
            or regexp_matches(shown, '^([+−–-]|(increase|decrease|add|remove) (one|quantity))$')
            then 'stepper'
        when
            regexp_matches(described, 'paginat|(^|[^a-z])(pager|page-(link|item|nav|next|prev|previous))([^a-z]|$)')
            or regexp_matches(shown, '^(next|prev|previous|(next|previous) page|[<>‹›«»←→◀▶❮❯]+)$')
            then 'pagination'
        when regexp_matches(described, 'carousel|swiper|slick-|splide|glide__|flickity|owl-|slider|slideshow')
            then 'carousel'
        when
            regexp_matches(
                described, 'calendar|date-?(time-?)?picker|time-?picker|day-?picker|flatpickr|muipickers|date-?range'
            )
            then 'calendar'
    end as ordinary
from named;
