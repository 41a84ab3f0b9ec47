-- one row is: whether the text has the shape of anything personal; far quicker to plan than to scrub it
-- parameters: $content, any text
-- from: the macros of sql/privacy/macros.sql
-- read by: user_intel/privacy.py
select may_be_personal($content);
