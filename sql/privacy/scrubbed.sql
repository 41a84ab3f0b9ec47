-- one row is: the text without what is personal in it
-- parameters: $content, any text
-- from: the macros of sql/privacy/macros.sql
-- read by: user_intel/privacy.py
select scrubbed($content);
