-- one row is: element that was clicked or changed, with what it is as far as its tag, classes, id and text tell
-- parameters: none
-- from: signal_found (elements as tag.class.class#id "text", or what a CSV file calls them)
-- read by: user_intel/detect/frustration_signals.py
-- `ordinary` names why clicking it many times is ordinary use; null where it is not. Classes are trusted to say what a
-- thing is. Ids and free names are trusted by how they end only: #calendar-next pages, #calendar-save does not.
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
        case when tag = '' then '' else regexp_extract(described, '^[^#\s]*') end as classes,
        case when tag = '' then described else regexp_extract(described, '#(\S*)', 1) end as own_name,
        tag = 'input' and regexp_matches(described, '[.#_-](btn|button|submit)') as is_button,
        regexp_matches(described, 'check-?box|radio|toggle|switch|range|color|file') as is_choice
    from tagged
)

select
    element,
    tag = 'a' as is_anchor,
    contains(classes, 'ph-no-deadclick') as may_stay_dead,
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
        when contains(classes, 'ph-no-rageclick') then 'opted out'
        when
            (tag = 'input' and not is_button and not is_choice) or tag = 'textarea'
            or (
                tag in ('div', 'span', 'p')
                and regexp_matches(
                    classes, 'textarea|text-?(box|field|input)|editable|prosemirror|ql-editor|cm-content'
                )
            )
            or (
                tag = ''
                and regexp_matches(own_name, '(^|[^a-z])(input|textarea|(text|search)[ _-]?(box|field))$')
            )
            then 'text input'
        when
            regexp_matches(
                classes,
                'stepper|spin-?button'
                || '|[._-](spin-?(up|down)|step-?(up|down)|increment|decrement|quantity|qty|plus|minus)([._-]|$)'
            )
            or regexp_matches(
                own_name,
                '(^|[^a-z])(stepper|increment|decrement'
                || '|(quantity|qty|stepper)[ _-]?(up|down|plus|minus|increase|decrease))$'
            )
            or regexp_matches(shown, '^([+−–-]|(increase|decrease|add|remove) (one|quantity))$')
            then 'stepper'
        when
            regexp_matches(classes, 'paginat|[._-](pager|page-(link|item|nav|next|prev|previous))([._-]|$)')
            or regexp_matches(own_name, '(^|[^a-z])(pagination|pager|page)[ _-]?(next|prev|previous)$')
            or regexp_matches(shown, '^(next|prev|previous|(next|previous) page|[<>‹›«»←→◀▶❮❯]+)$')
            then 'pagination'
        when
            regexp_matches(classes, 'carousel|swiper|slick-|splide|glide__|flickity|owl-|slider|slideshow')
            or regexp_matches(
                own_name, '(^|[^a-z])(carousel|slider|slideshow)([ _-]?(next|prev|previous|left|right|arrow|control))?$'
            )
            then 'carousel'
        when
            regexp_matches(
                classes,
                '[._-]calendar([._-]|$)|date-?(time-?)?picker|time-?picker|day-?picker|flatpickr|muipickers|date-?range'
            )
            or regexp_matches(
                own_name,
                '(^|[^a-z])(calendar|date[ _-]?picker)([ _-]?(next|prev|previous|left|right|arrow|day|cell|month))?$'
            )
            then 'calendar'
    end as ordinary
from named;
