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

create or replace temp macro shown_text(inner_element, own_text) as
' "'
|| left(
    trim(regexp_replace(
        replace(coalesce(attribute(inner_element, 'text'), nullif(own_text, '')), '\"', '"'), '\s+', ' ', 'g'
    )),
    80
)
|| '"';

-- tag.class#id with its text; without a text its link says what it is, which the caller adds.
create or replace temp macro element_name(inner_element, own_text) as
tag_and_classes(inner_element)
|| coalesce('#' || attribute(inner_element, 'attr_id|attr__id'), '')
|| coalesce(shown_text(inner_element, own_text), '');
