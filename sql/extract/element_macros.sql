-- one row is: nothing; these macros name the element that was clicked or changed
-- parameters: none
-- from: PostHog's elements_chain: elements joined by ;, each tag.class.class:key="value"key="value", innermost first
-- read by: user_intel/extract/normalise.py, once for each connection

create or replace temp macro innermost(chain) as
regexp_extract(chain, '^(?:[^;"]|"(?:\\.|[^"\\])*")*');

-- The value of the first of some attributes; a key follows the colon or the quote that ends the value before.
create or replace temp macro attribute(inner_element, keys) as
nullif(regexp_extract(inner_element, '[:"](?:' || keys || ')="((?:\\.|[^"\\])*)"', 1), '');

-- At most three classes: a fourth says how it looks, not which it is.
create or replace temp macro tag_and_classes(inner_element) as
regexp_extract(
    regexp_extract(inner_element, '(?s)^(.*?)(?::[A-Za-z_0-9-]+=|$)', 1),
    '^[^.\s]*(?:\.[^.]+){0,3}'
);

create or replace temp macro shown_text(content) as
' "' || left(trim(regexp_replace(replace(content, '\"', '"'), '\s+', ' ', 'g')), 80) || '"';

create or replace temp macro element_of(chain, own_text) as
left(
    tag_and_classes(innermost(chain))
    || coalesce('#' || attribute(innermost(chain), 'attr_id|attr__id'), '')
    || coalesce(
        shown_text(coalesce(attribute(innermost(chain), 'text'), nullif(own_text, ''))),
        ' ' || page_path(attribute(innermost(chain), 'href|attr__href')),
        ''
    ),
    240
);
