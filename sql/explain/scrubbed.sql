-- one row is: a text without e-mails, tokens, cards, addresses of machines and phone numbers
-- parameters: $texts, in the order of which rows come
-- from: nothing but the parameters; the macro scrubbed() of sql/privacy/macros.sql
-- read by: user_intel/explain/product_knowledge.py
with told as (
    select
        unnest($texts::varchar[]) as content,
        unnest(range(len($texts::varchar[]))) as place
)

select scrubbed(content) as content
from told
order by place;
