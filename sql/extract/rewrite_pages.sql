-- one row is: nothing; it applies one path rule to every page
-- parameters: $match, $replace
-- from: page_rewrites
-- read by: user_intel/extract/normalise.py
update page_rewrites
set rewritten = regexp_replace(rewritten, $match, $replace, 'g');
